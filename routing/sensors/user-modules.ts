/**
 * The modules of users and how they fare: which files there are, which of them may be imported, which are bypassed
 * and why. A new, changed or removed file counts when two looks in a row saw it the same, so that a file that is
 * being written is left alone. Every trouble is told once, repeated ones at most once a minute.
 */
import type { SensorTypeDescription } from './sensor-type.js'
import { moduleFiles } from './user-directory.js'

export interface UserModuleState {
  readonly file: string
  readonly path: string
  readonly stamp: string
  /** `new` until its file was imported. */
  state: 'new' | 'ready' | 'bypassed'
  /** What it last said of itself. */
  description?: SensorTypeDescription
  /** Why it is bypassed: a sentence that begins with the file's name. */
  error?: string | undefined
  /** It is sound, but its name belongs to another. */
  displaced?: boolean
  /** When one that was too slow is tried again, and how long it rests then, ms. */
  again?: number | undefined
  rest?: number
  /** When something was last said of it that may repeat. */
  saidAt?: number
}

export interface UserModules {
  /** Looks at the directory; true when modules are to be imported anew. */
  look(first: boolean): Promise<boolean>
  /** In order of their names. */
  list(): UserModuleState[]
  /** Takes one out of use until its file changes; one that was only slow, until it has rested. */
  bypass(module: UserModuleState, sentence: string, slow?: boolean): void
  /** Tells of something that may happen with every reading. */
  complain(module: UserModuleState, sentence: string): void
}

export interface UserModulesOptions {
  directory: string
  monotonic: () => number
  failed: (file: string, type: string | null, error: string) => void
}

const MINUTE = 60_000
/** What was too slow met a busy machine, perhaps; each time it rests twice as long, for an hour at most. */
const FIRST_REST = 5 * MINUTE
const LONGEST_REST = 60 * MINUTE

export function createUserModules({ directory, monotonic, failed }: UserModulesOptions): UserModules {
  const modules = new Map<string, UserModuleState>()
  /** Versions seen once. */
  let fresh = new Map<string, string>()
  let trouble = ''

  const typeOf = (module: UserModuleState): string | null => module.description?.type ?? null

  const bypass = (module: UserModuleState, sentence: string, slow = false): void => {
    const error = `${module.file}: ${sentence}`
    const known = module.error === error
    module.state = 'bypassed'
    module.error = error
    if (slow) {
      module.rest = Math.min(module.rest ? module.rest * 2 : FIRST_REST, LONGEST_REST)
      module.again = monotonic() + module.rest
    }
    // A retry that fails like the time before was told then.
    if (!known || slow) failed(module.file, typeOf(module), error)
  }

  const look = async (first: boolean): Promise<boolean> => {
    const files = await moduleFiles(directory)
    let changed = false
    const there = new Set(files.map(({ file }) => file))
    for (const file of modules.keys())
      if (!there.has(file)) {
        modules.delete(file)
        changed = true
      }
    const once = new Map<string, string>()
    for (const { file, path, stamp, refused } of files) {
      if (modules.get(file)?.stamp === stamp) continue
      if (!first && fresh.get(file) !== stamp) {
        once.set(file, stamp)
        continue
      }
      const module: UserModuleState = { file, path, stamp, state: 'new' }
      modules.set(file, module)
      if (refused) bypass(module, refused)
      changed = true
    }
    fresh = once
    for (const module of modules.values())
      if (module.again !== undefined && monotonic() >= module.again) {
        module.again = undefined
        module.state = 'new'
        changed = true
      }
    return changed
  }

  return {
    bypass,
    async look(first) {
      try {
        const changed = await look(first)
        trouble = ''
        return changed
      } catch (error) {
        const { message } = error as Error
        if (message !== trouble) failed(directory, null, `${directory} cannot be read: ${message}`)
        trouble = message
        return false
      }
    },
    list: () => [...modules.values()].sort((a, b) => (a.file < b.file ? -1 : 1)),
    complain(module, sentence) {
      const now = monotonic()
      if (module.saidAt !== undefined && now - module.saidAt < MINUTE) return
      module.saidAt = now
      failed(module.file, typeOf(module), `${module.file}: ${sentence}`)
    },
  }
}
