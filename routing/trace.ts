/**
 * From a message to its effect: what is noted of each MQTT message on its way, so that whoever reads the log of
 * messages can see what became of it. A message is known by a number; 0 stands for one that nobody follows.
 */
import type { Member, TracedTable, Trail, Writer } from '../storage/group.js'
import type { CodeName } from './contract/codes.js'
import type { Effect } from './effect.js'

export { TRACED, type TracedTable, type Trail } from '../storage/group.js'

/**
 * What became of a message: its rows wait for the disk, they are written, it is the broker's to pass on, it is not
 * ours, it came twice, kaiser said it itself; or why it was not used.
 */
export type Outcome = 'waiting' | 'handled' | 'forwarded' | 'not_ours' | 'repeated' | 'sent' | CodeName

/** Hears of each message on its way. None of it may throw. */
export interface Trace extends Trail {
  /** This is what it came to, and it is final. */
  became(message: number, outcome: Outcome): void
  /** It is not used; the reject list has it under this number. */
  refused(message: number, code: CodeName, reject_id: number): void
  /** Its rows are committed; or, with `stored` false, shown while storage fails. */
  committed(message: number, stored: boolean): void
  /** It was acknowledged: kaiser keeps what it says, or has told the device. */
  acknowledged(message: number): void
  /** Realtime is told this because of it. */
  emitted(message: number, event: string): void
}

/** For those whom nobody follows. */
export const NO_TRACE: Trace = {
  wrote() {},
  became() {},
  refused() {},
  committed() {},
  acknowledged() {},
  emitted() {},
}

/** Notes what somebody has queued and wants to have told. */
export function follow(
  trace: Trace,
  message: number,
  { writes, effects }: Pick<Member, 'writes'> & { readonly effects: readonly Effect[] },
): void {
  for (let i = 0; i < writes.length; i += 2)
    (writes[i] as Writer<unknown>).refer?.(writes[i + 1], trace, message)
  for (const effect of effects) if (effect.kind === 'emit') trace.emitted(message, effect.event.type)
}

/** A row that came of a message. */
export interface WrittenRow {
  readonly table: TracedTable
  readonly id: number
  /** Whose it is, where the number alone does not find it. */
  readonly of: number
  /** ms since 1970 */
  readonly at: number
}

/** What is known of a message without its payload. */
export interface LoggedMessage {
  readonly id: number
  /** ms since 1970 */
  readonly at: number
  /** From a client to kaiser, or said by kaiser. */
  readonly direction: 'in' | 'out'
  readonly topic: string
  /** Who said it; null when kaiser did. */
  readonly client_id: string | null
  readonly qos: number
  readonly retain: boolean
  readonly dup: boolean
  /** Bytes of the whole payload. */
  readonly size: number
  readonly outcome: Outcome
  readonly acknowledged: boolean
  /** Its number in the reject list; 0 when it is not there. */
  readonly reject_id: number
}

/** What is kept of a payload. */
export interface LoggedPayload {
  /** null: not even its beginning may be shown. */
  readonly bytes: Uint8Array | null
  /** It goes on. */
  readonly cut: boolean
  /** It holds, or may hold, secrets; they are not in `bytes`. */
  readonly masked: boolean
}

/** The last messages that went through the broker. Their numbers ascend without a gap. */
export interface MessageLog {
  /** The first and the last number that is kept; newest < oldest when there is none. */
  readonly oldest: number
  readonly newest: number
  /** How many were kept once and had to make room. */
  readonly lost: number
  find(id: number): LoggedMessage | undefined
  payload(id: number): LoggedPayload | undefined
  /** Its number in the reject list; 0 when it is not there. */
  rejectOf(id: number): number
  /** Rows it queued, in order; the first of them when they are many. */
  rows(id: number): readonly WrittenRow[]
  /** Events it made realtime hear. */
  events(id: number): readonly string[]
}
