import type { UploadResult } from '../progress/upload-result.ts'
import { formatBytes } from '@trackway/protocol'
import { html, type Html } from './html.ts'
import { bar, code, colors, factTable, heading, mark, panel } from './panel.ts'
import { textOf } from './text.ts'
import { countOf } from './words.ts'

export interface UploadFacts extends UploadResult {
  /** `dataset/sample:V2` */
  label: string
}

export const uploadDisplay = {
  html: (upload: UploadFacts): Html => {
    const { uploadedBytes: sent, reusedBytes: reused } = upload
    const all = Math.max(sent + reused, 1)
    return panel(
      heading('version', upload.label, outcomeOf(upload)),
      bar({ share: sent / all, color: colors.done }, { share: reused / all, color: colors.reused }),
      factTable({
        total: totalOf(upload),
        sent: html`${mark('■', colors.done)} ${formatBytes(sent)}`,
        reused: html`${mark('■', colors.reused)} ${formatBytes(reused)}`,
        digest: code(upload.digest),
      }),
    )
  },
  text: (upload: UploadFacts): string =>
    textOf(`version ${upload.label} ${outcomeOf(upload)}`, {
      total: totalOf(upload),
      sent: formatBytes(upload.uploadedBytes),
      reused: formatBytes(upload.reusedBytes),
      digest: upload.digest,
    }),
}

function outcomeOf({ created, base }: UploadFacts): string {
  if (!created) return 'already existed'
  return base === undefined ? 'is new' : `is new, made from ${base}`
}

function totalOf({ fileCount, size }: UploadFacts): string {
  return `${countOf(fileCount, 'file')}, ${formatBytes(size)}`
}
