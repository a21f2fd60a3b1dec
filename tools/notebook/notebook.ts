/** A notebook as it lies in its file, as far as it is read here. */
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
  /** Of a stream. */
  text?: string[]
  /** Of the others: a kind of content and its lines. */
  data?: Record<string, string[]>
}

/** What an output shows as text, or as another kind of content. */
export function contentOf({ text, data }: Output, type = 'text/plain'): string {
  return (text ?? data?.[type] ?? []).join('')
}

/** Whether it is what a call showed while it was under way: whether there is one depends on how long that took. */
export function isProgress(output: Output): boolean {
  return output.output_type === 'display_data' && / \d+ % · /.test(contentOf(output))
}
