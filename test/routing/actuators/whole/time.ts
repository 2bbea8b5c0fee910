/**
 * Time as it really passes, and the two clocks of the box kaiser runs on: the wall clock may jump, the monotonic one
 * begins anew with each process. Devices have clocks of their own that are right.
 */
import { NOON } from '../../../storage/open.js'

export interface Time {
  /** ms that really passed */
  readonly real: number
  /** ms since 1970, as the box has it */
  readonly wall: number
  /** ms since 1970, as it is */
  readonly true: number
  /** ms */
  readonly monotonic: number
  pass(ms: number): void
  /** The wall clock is put forward, or back. */
  jump(ms: number): void
  /** A new process begins. */
  begin(): void
}

/** What the monotonic clock shows when a process begins, ms. */
const FIRST = 777

export function createTime(): Time {
  let real = 0
  let off = 0
  let began = 0
  return {
    get real() {
      return real
    },
    get wall() {
      return NOON + real + off
    },
    get true() {
      return NOON + real
    },
    get monotonic() {
      return FIRST + real - began
    },
    pass(ms) {
      real += ms
    },
    jump(ms) {
      off += ms
    },
    begin() {
      began = real
    },
  }
}
