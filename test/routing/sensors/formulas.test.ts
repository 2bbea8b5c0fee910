/** Every formula against the examples of its own datasheet or paper. */
import t from 'tap'
import { convert } from '../../../routing/sensors/library.js'
import type { Conversion } from '../../../routing/sensors/sensor-type.js'
import { PLAIN, typeOf } from './built-in.js'

/** Native number → value, as the source prints it; `within` is half of its last digit. */
const EXAMPLES: readonly [type: string, native: number, value: number, within: number, source: string][] = [
  ['ds18b20', 0x07d0, 125, 0, 'DS18B20, table 1'],
  ['ds18b20', 0x0191, 25.0625, 0.005, 'DS18B20, table 1'],
  ['ds18b20', 0x00a2, 10.125, 0.005, 'DS18B20, table 1'],
  ['ds18b20', 0x0008, 0.5, 0, 'DS18B20, table 1'],
  ['ds18b20', 0x0000, 0, 0, 'DS18B20, table 1'],
  ['ds18b20', 0xfff8, -0.5, 0, 'DS18B20, table 1'],
  ['ds18b20', 0xff5e, -10.125, 0.0051, 'DS18B20, table 1'],
  ['ds18b20', 0xfe6f, -25.0625, 0.005, 'DS18B20, table 1'],
  ['ds18b20', 0xfc90, -55, 0, 'DS18B20, table 1'],
  ['ds18b20', -880, -55, 0, 'the same, signed'],
  ['ds18b20', 4294966416, -55, 0, 'the same, sign-extended to 32 bits and sent unsigned'],
  ['sht31_temp', 0x6666, 25, 0.05, 'SHT3x, 4.13: -45 + 175 · S / (2^16 - 1)'],
  ['sht31_temp', 65535 * (45 / 175), 0, 0.05, 'SHT3x, 4.13'],
  ['sht31_temp', 0xbeef, 85.5, 0.05, 'SHT3x, 4.13, with the word of its CRC example'],
  ['sht31_temp', 23.5, 23.5, 0, 'protocol.md §7.3: already °C'],
  ['sht31_humidity', 0xffff, 100, 0, 'SHT3x, 4.13: 100 · S / (2^16 - 1)'],
  ['sht31_humidity', 0xbeef, 74.6, 0.05, 'SHT3x, 4.13'],
  ['scd4x_co2', 0x01f4, 500, 0, 'SCD4x, 3.6.2'],
  ['scd4x_temp', 0x6667, 25, 0, 'SCD4x, 3.6.2'],
  ['scd4x_humidity', 0x5eb9, 37, 0, 'SCD4x, 3.6.2'],
  ['dht22_humidity', 0x028c, 65.2, 0, 'AM2302, section 7'],
  ['dht22_temp', 0x015f, 35.1, 0, 'AM2302, section 7'],
  ['dht22_temp', 0x8065, -10.1, 0, 'AM2302, section 7: bit 15 is the sign'],
  ['dht22_temp', 0xff9b, -10.1, 0, 'clones: two’s complement'],
  ['bh1750_raw', 0x8390, 28067, 0, 'BH1750FVI, example of H-resolution mode'],
  ['bh1750_raw', 0x0110, 227, 0, 'BH1750FVI, count / 1.2'],
  ['weight', 2_147_484, 5000, 0.05, 'HX711: a cell of 1 mV/V and 5 kg at gain 128'],
  ['weight', 0xffffff, 0, 0.05, 'HX711: two’s complement of 24 bits, −1'],
  ['weight', 0xdf3b64, -5000, 0.05, 'HX711: the same cell, pulled'],
  ['weight', 4292819812, -5000, 0.05, 'the same, sign-extended to 32 bits and sent unsigned'],
  ['mhz19_co2', 2 * 256 + 32, 544, 0, 'MH-Z19B: high byte · 256 + low byte'],
  ['distance', 580, 10, 0, 'HC-SR04: µs / 58'],
  ['flow', 450, 60, 0, 'YF-S201: 450 pulses per litre, in one second'],
  ['ph', 1861, 7, 0.005, 'protocol.md §7.3: 1.5 V is pH 7'],
  ['ph', 2048, 6.47, 0.01, 'the pH example of the seed, through the formula of protocol.md §7.3'],
  ['ec', 1000, 4883.5, 0.05, 'protocol.md §7.3: 6060 µS/cm per volt'],
  ['ec', 10_000, 9247.1, 0.05, 'protocol.md §7.3: 15 bits over 5 V when over 4095'],
  ['moisture', 3200, 0, 0, 'protocol.md §7.3: dry'],
  ['moisture', 1500, 100, 0, 'protocol.md §7.3: wet'],
  ['moisture', 2350, 50, 0, 'protocol.md §7.3'],
]

for (const [type, native, value, within, source] of EXAMPLES)
  t.test(`${type}: ${native} means ${value} (${source})`, async (t) => {
    const converted = convert(typeOf(type), native, PLAIN)
    t.not(converted.value, null)
    t.ok(Math.abs(converted.value! - value) <= within + 1e-9, `${converted.value}`)
  })

t.test('flow counts pulses in a window, or takes a frequency, or litres per minute', async (t) => {
  const flow = (native: number, params: Conversion['params']) =>
    convert(typeOf('flow'), native, { ...PLAIN, params }).value
  t.equal(flow(75, { input_type: 'frequency' }), 10, 'YF-S201: 7.5 Hz per L/min')
  t.equal(flow(150, { time_window: 2 }), 10)
  t.equal(flow(12.5, { input_type: 'flow_rate' }), 12.5)
  t.equal(flow(98, { factor: 98, time_window: 60 }), 1, 'another meter')
})

t.test('pressure is reduced to sea level where an altitude is known (BMP180, 3.7)', async (t) => {
  const pressure = (hPa: number, altitude: unknown) =>
    convert(typeOf('bmp280'), hPa, { ...PLAIN, params: { altitude } }).value
  t.equal(pressure(1000, undefined), 1000)
  t.ok(Math.abs(pressure(954.61, 500)! - 1013.25) < 0.05, 'the standard atmosphere at 500 m')
  t.equal(pressure(1000, 'high'), 1000, 'what is no altitude changes nothing')
})

t.test('pH is led towards 25 °C as Nernst has it', async (t) => {
  const ph = typeOf('ph')
  for (const temperature of [5, 15, 25, 35, 45])
    for (const native of [2700, 2200, 1861, 1600, 1400]) {
      const plain = convert(ph, native, PLAIN).value!
      const compensated = convert(ph, native, { ...PLAIN, temperature }).value!
      const nernst = 7 + (plain - 7) * (298.15 / (temperature + 273.15))
      t.ok(Math.abs(compensated - nernst) < 0.06, `${plain} at ${temperature} °C: ${compensated}, ${nernst}`)
    }
})

t.test('conductivity is stated for 25 °C, 2 % per °C, or for another reference', async (t) => {
  const ec = (temperature: number | null, params = {}) =>
    convert(typeOf('ec'), 1000, { calibration: null, params, temperature }).value!
  const about = (value: number, wanted: number) => t.ok(Math.abs(value - wanted) < 0.1, `${value}, ${wanted}`)
  t.equal(ec(25), ec(null))
  about(ec(30), ec(25) / 1.1)
  about(ec(20), ec(25) / 0.9)
  about(ec(25, { ec_reference: 20 }), ec(25) * 0.9)
})

t.test('an ADC of 16 bits says so below 4096 too', async (t) => {
  const ec = (params: Conversion['params']) => convert(typeOf('ec'), 4000, { ...PLAIN, params }).value
  t.equal(ec({ adc_type: '16bit' }), 3698.8)
  t.equal(ec({}), 19534.1)
})

t.test('another amplifier is described by its slope and offset', async (t) => {
  const params = { slope: 3.5, offset: 0 }
  const { value } = convert(typeOf('ph'), 2482, { ...PLAIN, params })
  t.equal(value, 7, 'DFRobot SEN0161: 3.5 · V, rising')
})

t.test('inputs may be turned round', async (t) => {
  const inverted = (type: string, native: number) =>
    convert(typeOf(type), native, { ...PLAIN, params: { invert: true } }).value
  t.equal(inverted('moisture', 3200), 100)
  t.equal(inverted('digital', 1), 0)
})

t.test('sound is faster in warm air', async (t) => {
  const distance = (temperature: number) =>
    convert(typeOf('distance'), 5800, { ...PLAIN, temperature }).value!
  t.equal(distance(22), 99.9)
  t.ok(distance(40) > distance(0) + 6)
})
