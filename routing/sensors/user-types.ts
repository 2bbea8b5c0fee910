/**
 * Sensor types that users bring: modules in a directory, run in a thread of their own, never on the event loop.
 * Promises that whoever asks is answered whatever a module does: one that throws, does not return in time, ends
 * its thread or fills the memory is stopped, told of and bypassed, and what waited for the others is asked again.
 * While there is no module there is no thread.
 */
import { nativeOf, settle } from './convert.js'
import { fault } from './sensor.js'
import type { Conversion, Converted } from './sensor-type.js'
import type { Request } from './user-messages.js'
import { createUserModules, type UserModuleState } from './user-modules.js'
import { createUserOwners, type UserOwnersOptions } from './user-owners.js'
import { createRequests, LONGEST_WAIT_MS, MOST_WAITING } from './user-requests.js'
import { createSuccession } from './user-succession.js'

export interface UserTypesOptions extends UserOwnersOptions {
  /** May not exist; nothing runs then. */
  directory: string
  /** For the log and for people; `type` is null where it is not known. Repeats come once a minute at most. */
  failed: (file: string, type: string | null, error: string) => void
  /** ms, never going back */
  monotonic: () => number
  /** How long a conversion may take, ms. */
  patience?: number
  /** How often the directory is looked at, ms. */
  every?: number
}

/** How a module fares, for people. */
export interface UserType {
  readonly type: string | null
  readonly file: string
  readonly state: 'ready' | 'bypassed'
  readonly error?: string
}

export interface UserTypes {
  /** Resolves when the modules that are there are imported, or after 5 s; what comes later is added later. */
  start(): Promise<void>
  types(): UserType[]
  /**
   * Native number → value, rounded and checked against the range. Undefined when there is no answer: the reading
   * is stored raw. Never rejects, and never takes much longer than two seconds.
   */
  convert(type: string, native: number, conversion: Conversion): Promise<Converted | undefined>
  /** Value → native number; undefined when the module does not say. */
  simulate(type: string, value: number): Promise<number | undefined>
  /** Stops everything; who still waits is answered. */
  close(): Promise<void>
}

const PATIENCE_MS = 50
const LOOK_MS = 3_000
const START_MS = 5_000
const PLAIN: Conversion = Object.freeze({ calibration: null, params: Object.freeze({}), temperature: null })

export function createUserTypes(options: UserTypesOptions): UserTypes {
  const { directory, monotonic, patience = PATIENCE_MS, every = LOOK_MS } = options
  const modules = createUserModules(options)
  const owners = createUserOwners(options)
  const requests = createRequests(monotonic)
  let settled = (): void => {}
  let looking: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const bypass = (module: UserModuleState, sentence: string, slow = false): void => {
    modules.bypass(module, sentence, slow)
    if (module.description) requests.drop(module.description.type)
  }

  const restIfIdle = (): void => {
    if (modules.list().every(({ state }) => state === 'bypassed')) succession.rest()
  }

  const resend = (): void => {
    for (const waiting of requests.all()) {
      const owner = owners.of(waiting.type)
      if (owner?.state !== 'ready' || !succession.send(waiting, owner)) requests.answer(waiting.id)
    }
  }

  const succession = createSuccession({
    patience,
    monotonic,
    // One whose name is taken may find it free.
    wanted: () => modules.list().filter(({ state, displaced }) => state !== 'bypassed' || displaced),
    bypass,
    tookOver(found) {
      for (const [module, description] of found) {
        if (module.state === 'bypassed' && !module.displaced) continue
        Object.assign(module, { description, state: 'ready', displaced: false })
      }
      for (const { module, refusal } of owners.settle(modules.list())) {
        module.displaced = module.state === 'ready'
        bypass(module, refusal)
      }
      for (const module of modules.list()) if (module.state === 'ready') module.error = undefined
      restIfIdle()
      resend()
      settled()
    },
    answered(module, result) {
      requests.answer(result.id, result.kind === 'answer' ? result.answer : undefined)
      if (result.kind === 'nonsense') modules.complain(module, result.sentence)
      // Once is enough: what was queued for it behind fails too.
      if (result.kind !== 'threw' || module.state === 'bypassed') return
      bypass(module, result.sentence)
      restIfIdle()
    },
    failed(sentence) {
      options.failed(directory, null, `The thread for ${directory} ${sentence}`)
      if (!succession.serves()) requests.drop()
      settled()
    },
    looked() {
      for (const type of requests.dropLate()) {
        const owner = owners.of(type)
        if (owner) modules.complain(owner, `conversions waited ${LONGEST_WAIT_MS} ms and are stored raw`)
      }
    },
  })

  const look = (first: boolean): Promise<void> => {
    looking ??= modules.look(first).then((changed) => {
      looking = undefined
      if (changed) succession.begin()
    })
    return looking
  }

  const ask = async (
    type: string,
    operation: Request['operation'],
    number: number,
    conversion: Conversion,
  ): Promise<Converted | undefined> => {
    const owner = owners.of(type)
    if (closed || owner?.state !== 'ready' || !succession.serves()) return undefined
    const added = requests.add(type, operation, number, conversion)
    if (!added) {
      modules.complain(owner, `more than ${MOST_WAITING} conversions wait; further ones are stored raw`)
      return undefined
    }
    if (!succession.send(added.waiting, owner)) requests.answer(added.waiting.id)
    return added.answer
  }

  return {
    async start() {
      timer = setInterval(() => void look(false), every).unref()
      const done = new Promise<void>((resolve) => {
        settled = resolve
      })
      await look(true)
      if (!succession.serves()) return
      let enough: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        enough = setTimeout(resolve, START_MS)
      })
      await Promise.race([done, late])
      clearTimeout(enough)
    },
    types: () =>
      modules.list().flatMap(({ file, description, state, error }) => {
        if (state === 'new') return []
        return { type: description?.type ?? null, file, state, ...(error !== undefined && { error }) }
      }),
    async convert(type, native, conversion) {
      const description = owners.of(type)?.description
      if (!description) return undefined
      const number = nativeOf(description, native)
      if (typeof number === 'string') return fault(number)
      const answer = await ask(type, 'convert', number, conversion)
      return answer && settle(description, answer)
    },
    async simulate(type, value) {
      const answer = await ask(type, 'simulate', value, PLAIN)
      return answer?.value ?? undefined
    },
    async close() {
      closed = true
      clearInterval(timer)
      await succession.close()
      await looking
      requests.drop()
      settled()
    },
  }
}
