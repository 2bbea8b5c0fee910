/** A device of each of the simple patterns, for whoever wants load and no greenhouse. */
import { device, type Profile } from './profile.js'

export const mixed: Profile = {
  name: 'mixed',
  summary: 'one sensor a device: constant, random or drifting',
  devices: {
    CONSTANT: device([{ gpio: 4, sensor_type: 'DS18B20', base_value: 21 }]),
    RANDOM: device([
      {
        gpio: 21,
        sensor_type: 'sht31_humidity',
        base_value: 60,
        variation_pattern: 'random',
        variation_range: 5,
      },
    ]),
    DRIFT: device([
      { gpio: 34, sensor_type: 'moisture', base_value: 45, variation_pattern: 'drift', variation_range: 4 },
    ]),
  },
}
