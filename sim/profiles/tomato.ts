/**
 * A house of tomatoes: its air with a fan and a heater, a bed with two moisture probes and a lamp, and a tank from
 * which a pump waters.
 */
import { device, measures, type Profile, switches } from './profile.js'

export const tomato: Profile = {
  name: 'tomato',
  summary: 'air with fan and heater, a bed with a lamp, a tank with a pump',
  devices: {
    AIR: device(
      [
        measures(21, 'sht31_temp', 'Air temperature', 0.05),
        measures(21, 'sht31_humidity', 'Air humidity', 0.4),
        measures(22, 'scd41_co2', 'CO₂', 5),
      ],
      [switches(25, 'fan', 'Roof fan'), switches(26, 'heater', 'Heater')],
    ),
    BED: device(
      [
        measures(34, 'moisture', 'Soil moisture, front', 0.2),
        // No two places of a bed are alike.
        measures(35, 'moisture', 'Soil moisture, back', 0.2, { parameters: { factor: 0.94, offset: -1.5 } }),
        measures(4, 'soil_temperature', 'Soil temperature', 0.03),
        measures(23, 'light', 'Light', 0),
      ],
      [switches(27, 'light', 'Grow light')],
    ),
    TANK: device(
      [
        measures(34, 'level', 'Tank level', 0.15),
        measures(35, 'flow', 'Flow to the bed', 0),
        measures(4, 'water_temperature', 'Water temperature', 0.03),
        measures(36, 'ph', 'pH', 0.01),
        measures(39, 'ec', 'Conductivity', 4),
      ],
      [switches(25, 'pump', 'Pump')],
    ),
  },
}
