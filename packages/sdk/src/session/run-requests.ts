import type { VersionName } from '@trackway/protocol'
import type { AnswerOf, CallInput } from '../client/call.ts'
import type { Connection } from '../client/connection.ts'
import type { LogSegment, Sending } from './log-buffer.ts'

/** What a run sends to the server. */
export interface RunRequests {
  append(segment: LogSegment, sending: Sending): Promise<void>
  /** Records a version that the run read. */
  addInput(input: VersionName, sending: Sending): Promise<void>
  end(how: CallInput<'finishRun'>['body'], sending: Sending): Promise<AnswerOf<'finishRun'>>
}

export function runRequests(
  connection: Connection,
  { team, experiment, run }: { team: string; experiment: string; run: string },
): RunRequests {
  const parameters = { team, experiment, run }
  return {
    async append({ segment, points }, sending) {
      await connection.call('putLogSegment', {
        attempted: `Logging to the run ${run}`,
        parameters: { ...parameters, segment },
        body: { points: [...points] },
        ...sending,
      })
    },
    async addInput(input, sending) {
      const { type, name, tag } = input
      await connection.call('addInput', {
        attempted: `Recording that the run ${run} read ${type}/${name}:${tag}`,
        parameters,
        body: { experiment: input.experiment, type, name, tag },
        ...sending,
      })
    },
    end: (how, sending) =>
      connection.call('finishRun', { attempted: `Ending the run ${run}`, parameters, body: how, ...sending }),
  }
}
