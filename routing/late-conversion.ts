/**
 * Readings whose type is a user's module: the raw row is on disk and acknowledged already; here its value is
 * found out off the event loop, put into the row, and told. When the module fails or takes too long, the reading
 * stays raw and is told as that. Whoever sends next does not wait for any of it.
 */
import type { Store } from '../storage/store.js'
import { worse } from './contract/quality.js'
import type { LateConversion } from './effect.js'
import type { Instruments } from './instruments.js'
import type { Conversion, Converted } from './sensors/sensor-type.js'
import type { Speak } from './speech.js'
import { spread, tell } from './take-reading.js'

export interface LateConversionOptions {
  store: Store
  instruments: Instruments
  kaiser_id: string
  speak: Speak
  /** Off the event loop; undefined when the module failed. */
  convert: (type: string, native: number, conversion: Conversion) => Promise<Converted | undefined>
}

/** Begins a conversion; never throws. */
export const createLateConversion =
  ({ store, instruments, kaiser_id, speak, convert }: LateConversionOptions) =>
  ({ id, device, topic, measured, later }: LateConversion): void => {
    const { reading } = measured
    void convert(later.type.type, reading.raw_value, later.conversion).then((converted) =>
      speak(() => {
        if (!converted) {
          store.readings.settle(id)
          return tell(reading, topic)
        }
        const finished = {
          ...reading,
          processed_value: converted.value,
          unit: later.type.unit || null,
          quality: later.said === undefined ? converted.quality : worse(later.said, converted.quality),
          processing_mode: 'pi_enhanced' as const,
        }
        store.readings.amend(id, finished)
        return spread(
          { store, instruments, kaiser_id },
          { device, topic },
          { ...measured, reading: finished },
        )
      }),
    )
  }
