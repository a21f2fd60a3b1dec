/** The parts of a notebook file that are used here. */
export interface Notebook {
  cells: Cell[]
}

export interface Cell {
  cell_type: 'code' | 'markdown'
  source: string[]
  outputs?: Output[]
}

export interface Output {
  output_type: 'stream' | 'display_data' | 'execute_result'
  /** The lines of a stream. */
  text?: string[]
  /** For the others, the lines of each content type. */
  data?: Record<string, string[]>
}

/** The content of an output as text, or as another content type. */
export function contentOf({ text, data }: Output, type = 'text/plain'): string {
  return (text ?? data?.[type] ?? []).join('')
}

/** Whether an output is the progress of a call. Only calls that take long enough show it. */
export function isProgress(output: Output): boolean {
  return output.output_type === 'display_data' && / \d+ % · /.test(contentOf(output))
}
