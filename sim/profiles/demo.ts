/**
 * The greenhouse of a first look: two zones, six devices, and a day of ten minutes in May, so that everything moves
 * while somebody watches.
 */
import type { MockConfig, MockPlace } from '../../routing/contract/mock.js'
import type { Profile, ProfileOptions } from './profile.js'
import { seedlings } from './seedlings.js'
import { tomato } from './tomato.js'

/** Where and when it stands: 48° north, the tenth of May, for ever. */
export const DEMO_PLACE: MockPlace = { latitude: 48, longitude: 0, day_ms: 600_000, day_of_year: 130 }

const OFTEN: ProfileOptions = { interval_seconds: 3 }

const zone = (
  { devices }: Profile,
  zone_id: string,
  zone_name: string,
  ids: Readonly<Record<string, string>>,
): [esp_id: string, config: MockConfig][] =>
  Object.entries(ids).map(([esp_id, end]) => [
    esp_id,
    { ...devices[end]!(OFTEN), zone_id, zone_name, heartbeat_interval: 30, place: DEMO_PLACE },
  ])

/** By device id. */
export const demoMocks: Readonly<Record<string, MockConfig>> = Object.fromEntries([
  ...zone(tomato, 'north', 'Tomatoes (north)', {
    MOCK_NORTH: 'AIR',
    MOCK_NORTH_BED: 'BED',
    MOCK_TANK: 'TANK',
  }),
  ...zone(seedlings, 'south', 'Seedlings (south)', {
    MOCK_SOUTH: 'AIR',
    MOCK_SOUTH_TRAYS: 'TRAYS',
    MOCK_SOUTH_LAMP: 'LAMP',
  }),
])
