export { addContent } from '../artifact/add-content.ts'
export { addReference } from '../artifact/add-reference.ts'
export { uploadArtifact } from '../artifact/upload-artifact.ts'
export { pushAll, pushOne } from '../push/push.ts'
