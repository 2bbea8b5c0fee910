/** 85 °C, what a DS18B20 says when it was never told to measure: Maxim DS18B20 datasheet, "Memory". */
import Type from 'typebox'
import { library } from '../quantities.js'
import { fault } from './fault.js'
import { isMeant, Sensor } from './meant.js'

const POWER_ON = 85

export const powerOnValue = fault({
  name: 'power_on_value',
  summary: 'its temperature sensors say 85 °C, as a DS18B20 that did not measure',
  parameters: Type.Object({
    sensor: Sensor,
    share: Type.Number({ minimum: 0, maximum: 1, default: 1, description: 'of their measurements' }),
  }),
  begin: ({ random }, { sensor: meant, share }) => ({
    measure(key, sensor, value) {
      const concerned = isMeant(meant, key, sensor) && library.find(sensor.sensor_type)?.unit === '°C'
      return concerned && random() < share ? POWER_ON : value
    },
  }),
})
