// Commands for programs that have others beside them.
export { addServeCommand } from './serve-command.ts'
