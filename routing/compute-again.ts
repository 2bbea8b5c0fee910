/**
 * A stored reading, computed again from its raw value with a calibration and options of today. What was computed
 * from other readings has no raw value of its own and stays. What the device once said of the quality is not kept
 * apart from what kaiser found: what is about the sensor itself lasts, the rest is judged anew.
 */
import type { Reading } from '../storage/readings.js'
import type { SensorConfig } from '../storage/sensor-configs.js'
import { type Quality, worse } from './contract/quality.js'
import { convert, engineering, isRemote, type KnownType } from './sensors/library.js'

/** What of a stored reading can become another. */
export type Computed = Pick<Reading, 'processed_value' | 'unit' | 'quality' | 'processing_mode'>

/** What of a stored reading is looked at. */
export type Kept = Computed & Pick<Reading, 'raw_value' | 'timestamp'>

/** Qualities that are about the sensor itself, whoever said so: another calibration does not mend them. */
const LASTING: readonly Quality[] = ['suspect', 'stale', 'bad']

/** What a stored reading becomes; undefined when it stays. Everything about `type` and `config` is of now. */
export function again(
  type: KnownType,
  config: Pick<SensorConfig, 'calibration' | 'params' | 'processing_mode'>,
  temperature: (at: number) => number | null,
): (kept: Kept) => Computed | undefined {
  const { calibration, params } = config
  const lasting = (kept: Kept): boolean =>
    LASTING.includes(kept.quality) || (kept.quality === 'error' && kept.processed_value !== null)

  return (kept) => {
    if (kept.processing_mode === 'computed') return undefined
    const local = kept.processing_mode === 'local'
    if (!local && (isRemote(type) || config.processing_mode === 'raw')) return undefined
    const made =
      local || isRemote(type)
        ? engineering(type, kept.raw_value, calibration)
        : convert(type, kept.raw_value, { calibration, params, temperature: temperature(kept.timestamp) })
    const next: Computed = {
      processed_value: made.value,
      unit: type.unit || null,
      quality: lasting(kept) ? worse(kept.quality, made.quality) : made.quality,
      processing_mode: local ? 'local' : 'pi_enhanced',
    }
    const same =
      next.processed_value === kept.processed_value &&
      next.quality === kept.quality &&
      next.unit === kept.unit &&
      next.processing_mode === kept.processing_mode
    return same ? undefined : next
  }
}
