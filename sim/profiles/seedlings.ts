/** A bench of seedlings: warm air with a heater, trays that a valve waters from the mains, and a lamp of their own. */
import { device, measures, type Profile, switches } from './profile.js'

export const seedlings: Profile = {
  name: 'seedlings',
  summary: 'air with fan and heater, trays with a valve, a lamp',
  devices: {
    AIR: device(
      [measures(4, 'DS18B20', 'Air temperature', 0.06), measures(21, 'sht31_humidity', 'Air humidity', 0.4)],
      [switches(25, 'fan', 'Fan'), switches(26, 'heater', 'Heater')],
    ),
    TRAYS: device(
      [
        measures(34, 'moisture', 'Moisture of the trays', 0.3),
        measures(4, 'soil_temperature', 'Temperature of the trays', 0.03),
        measures(35, 'flow', 'Flow to the trays', 0),
      ],
      [switches(25, 'valve', 'Valve')],
    ),
    LAMP: device([measures(23, 'ppfd', 'Plant light', 0)], [switches(27, 'light', 'Lamp')]),
  },
}
