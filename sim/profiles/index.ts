/** The table of profiles, and as many devices of one as somebody wants. */
import type { MockConfig } from '../../routing/contract/mock.js'
import { mixed } from './mixed.js'
import type { Profile, ProfileOptions } from './profile.js'
import { seedlings } from './seedlings.js'
import { tomato } from './tomato.js'

export type { Profile, ProfileOptions } from './profile.js'

export const profiles: readonly Profile[] = [tomato, seedlings, mixed]

export const PROFILE_NAMES: readonly string[] = profiles.map(({ name }) => name)

export const findProfile = (word: string): Profile | undefined =>
  profiles.find(({ name }) => name === word.trim().toLowerCase())

export interface Planned {
  readonly esp_id: string
  readonly config: MockConfig
}

/** Zone after zone, until there are `count`: `{prefix}00001` and so on, in `{profile}_1` and so on. */
export function devicesOf(
  profile: Profile,
  count: number,
  { prefix = 'SIM_', ...options }: ProfileOptions & { readonly prefix?: string } = {},
): Planned[] {
  const kinds = Object.values(profile.devices)
  return Array.from({ length: count }, (_, index) => {
    const zone = Math.floor(index / kinds.length) + 1
    return {
      esp_id: `${prefix}${String(index + 1).padStart(5, '0')}`,
      config: {
        ...kinds[index % kinds.length]!(options),
        zone_id: `${profile.name}_${zone}`,
        zone_name: `${profile.name} ${zone}`,
      },
    }
  })
}
