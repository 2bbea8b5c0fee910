/**
 * Whose each user type is: a type belongs to the file that brought it first, until that file is gone or says
 * something else. Whoever keeps the table of all types is told of every change, and may refuse a name.
 */
import { isDeepStrictEqual } from 'node:util'
import type { SensorTypeDescription } from './sensor-type.js'
import type { UserModuleState } from './user-modules.js'

export type Owner = UserModuleState & { description: SensorTypeDescription }

export interface UserOwnersOptions {
  /** A type there is from now on; a sentence refuses it, because one of its names means another. */
  added: (description: SensorTypeDescription) => string | undefined
  /** A type that is gone. One that changes is removed and added in the same turn of the loop. */
  removed: (type: string) => void
}

export interface UserOwners {
  /** Who brought a type. */
  of(type: string): Owner | undefined
  /** Makes what is known agree with what modules say, in their order; those whose names are taken are given back. */
  settle(modules: readonly UserModuleState[]): { module: UserModuleState; refusal: string }[]
}

export function createUserOwners({ added, removed }: UserOwnersOptions): UserOwners {
  const owners = new Map<string, Owner>()

  const own = (module: UserModuleState, description: SensorTypeDescription): void =>
    void owners.set(description.type, Object.assign(module, { description }))

  return {
    of: (type) => owners.get(type),
    settle(modules) {
      for (const [type, { file, description }] of owners) {
        const same = modules.find(
          (one) => one.file === file && isDeepStrictEqual(one.description, description),
        )
        if (same) own(same, description)
        else {
          owners.delete(type)
          removed(type)
        }
      }
      const refused: { module: UserModuleState; refusal: string }[] = []
      for (const module of modules) {
        const { description } = module
        if (!description || owners.get(description.type) === module) continue
        const refusal = added(description)
        if (refusal === undefined) own(module, description)
        else refused.push({ module, refusal })
      }
      return refused
    },
  }
}
