/** The page about the realtime socket: every line on it is a frame that kaiser takes, or may say. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t from 'tap'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { understand } from '../../realtime/client-frames.js'
import { events } from '../../routing/contract/events.js'
import {
  BatchFrame,
  clientFrames,
  ErrorFrame,
  EventFrame,
  RenewedFrame,
  ReplayFrame,
  SnapshotFrame,
} from '../../routing/contract/frames.js'

const root = createRequire(import.meta.url)
  .resolve('#schema.sql')
  .replace(/schema\.sql$/, '')
const page = readFileSync(`${root}routing/contract/REALTIME.md`, 'utf8')
const linesOf = (who: string): string[] =>
  page
    .match(new RegExp(`\`\`\`jsonl ${who}\n([^\`]+)\`\`\``))![1]!
    .trim()
    .split('\n')

t.test('every action a page may say is shown, and understood', async (t) => {
  const actions = linesOf('client').map((line) => {
    const heard = understand(line)
    return 'frame' in heard ? heard.frame.action : heard.detail
  })
  t.strictSame(actions, Object.keys(clientFrames))
})

t.test('every frame kaiser may say is shown, as the contract has it', async (t) => {
  const schemas: Record<string, TSchema> = {
    batch: BatchFrame,
    snapshot: SnapshotFrame,
    replay: ReplayFrame,
    renewed: RenewedFrame,
    error: ErrorFrame,
  }
  const seen = new Set<string>()
  for (const line of linesOf('server')) {
    const frame = JSON.parse(line) as { type: string; data: object }
    seen.add(frame.type)
    t.strictSame(Compile(schemas[frame.type] ?? EventFrame).Errors(frame), [], line)
    const event = events[frame.type as keyof typeof events]
    if (event) t.strictSame(Compile(event).Errors(frame.data), [], line)
  }
  t.strictSame([...seen].sort(), ['system_event', ...Object.keys(schemas)].sort())
})
