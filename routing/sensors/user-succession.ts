/**
 * Which thread serves. A thread is born with all modules and takes over when it has imported them; the one before
 * serves until then, so an import that never ends delays nobody, and a changed file is really read anew. One that
 * cannot be had is tried for again, after longer and longer pauses.
 */
import type { SensorTypeDescription } from './sensor-type.js'
import type { Result } from './user-messages.js'
import type { UserModuleState } from './user-modules.js'
import type { Waiting } from './user-requests.js'
import { startThread, type UserThread } from './user-thread.js'

export interface SuccessionOptions {
  patience: number
  monotonic: () => number
  /** The modules a thread is born with. */
  wanted: () => UserModuleState[]
  /** A module is to blame: for its import, for an exception, or for the end of its thread. */
  bypass: (module: UserModuleState, sentence: string, slow: boolean) => void
  /** A thread took over, or none because nothing is wanted; what the modules say of themselves. */
  tookOver: (found: ReadonlyMap<UserModuleState, SensorTypeDescription>) => void
  answered: (module: UserModuleState, result: Result) => void
  /** No module is to blame, and there is no thread for a while. */
  failed: (sentence: string) => void
  /** Called every few ms while anything is under way. */
  looked: () => void
}

export interface Succession {
  /** Is there a thread, or will there be one in a moment? */
  serves(): boolean
  /** Brings up a thread with the modules that are wanted now. */
  begin(): void
  /** Gives a request to the thread that serves; false when that does not know the module. */
  send(waiting: Waiting, module: UserModuleState): boolean
  /** Ends the thread that serves; the next one stays. */
  rest(): void
  close(): Promise<void>
}

/** A thread and its modules, in the order it knows them by. */
interface Running {
  readonly thread: UserThread
  readonly modules: readonly UserModuleState[]
}

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

export function createSuccession(options: SuccessionOptions): Succession {
  const { bypass } = options
  let current: Running | undefined
  let next: Running | undefined
  let pause = FIRST_PAUSE_MS
  let retry: NodeJS.Timeout | undefined
  let closed = false

  const takeOver = (
    running: Running | undefined,
    found: ReadonlyMap<UserModuleState, SensorTypeDescription>,
  ): void => {
    void current?.thread.stop()
    current = running
    next = undefined
    pause = FIRST_PAUSE_MS
    options.tookOver(found)
  }

  const breathe = (sentence: string): void => {
    clearTimeout(retry)
    retry = setTimeout(begin, pause).unref()
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    options.failed(sentence)
  }

  const start = (modules: readonly UserModuleState[]): Running => {
    const found = new Map<UserModuleState, SensorTypeDescription>()
    const thread = startThread({
      files: modules.map(({ file, path }) => ({ file, path })),
      patience: options.patience,
      monotonic: options.monotonic,
      imported(result) {
        const module = modules[result.index]
        if (!module) return
        if (result.kind === 'imported') found.set(module, result.description)
        else bypass(module, result.sentence, false)
      },
      ready: () => takeOver(running, found),
      answered(result) {
        const module = modules[result.index]
        if (module) options.answered(module, result)
      },
      died({ index, sentence, slow }) {
        if (current === running) current = undefined
        if (next === running) next = undefined
        const module = index === null ? undefined : modules[index]
        if (!module) return breathe(sentence)
        bypass(module, sentence, slow)
        begin()
      },
      looked: options.looked,
    })
    const running = { thread, modules }
    return running
  }

  const begin = (): void => {
    clearTimeout(retry)
    if (closed) return
    void next?.thread.stop()
    next = undefined
    const modules = options.wanted()
    if (modules.length === 0) return takeOver(undefined, new Map())
    try {
      next = start(modules)
    } catch (error) {
      breathe(`cannot be started: ${(error as Error).message}`)
    }
  }

  return {
    serves: () => current !== undefined || next !== undefined,
    begin,
    send({ type: _, ...request }, module) {
      // Who comes while a thread is being born is sent when it takes over.
      if (!current) return next !== undefined
      const index = current.modules.indexOf(module)
      if (index >= 0) current.thread.send({ ...request, index })
      return index >= 0
    },
    rest() {
      void current?.thread.stop()
      current = undefined
    },
    async close() {
      closed = true
      clearTimeout(retry)
      const threads = [current, next]
      current = next = undefined
      await Promise.all(threads.map((running) => running?.thread.stop()))
    },
  }
}
