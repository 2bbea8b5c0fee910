import t from 'tap'
import {
  convert,
  createLibrary,
  isRemote,
  type RemoteType,
  sensorTypes,
} from '../../../routing/sensors/library.js'
import { PLAIN } from './built-in.js'

const library = createLibrary()

t.test(
  'every type of the protocol and of the original form is found, in any case and spelling',
  async (t) => {
    const named = (word: string) => library.find(word)?.type
    for (const type of [
      ...[
        'ph',
        'ec',
        'moisture',
        'ds18b20',
        'sht31_temp',
        'sht31_humidity',
        'bmp280_pressure',
        'bmp280_temp',
      ],
      ...[
        'co2',
        'light',
        'flow',
        'bme280_temp',
        'bme280_humidity',
        'bme280_pressure',
        'mhz19_co2',
        'scd30_co2',
      ],
      ...['scd30_temp', 'scd30_humidity', 'scd4x_co2', 'scd4x_temp', 'scd4x_humidity', 'dht22_temp'],
      ...[
        'dht22_humidity',
        'ppfd',
        'sgp30_tvoc',
        'voc_index',
        'ens160_tvoc',
        'ens160_eco2',
        'ens160_aqi',
        'level',
      ],
      ...[
        'level_ultrasonic',
        'soil_temperature',
        'water_temperature',
        'weight',
        'linear',
        'analog',
        'digital',
      ],
      ...['vpd', 'dew_point', 'absolute_humidity', 'dli'],
    ])
      t.equal(named(type), type)
    const spellings: Readonly<Record<string, string>> = {
      temperature_sht31: 'sht31_temp',
      humidity_sht31: 'sht31_humidity',
      temperature_ds18b20: 'ds18b20',
      pressure_bmp280: 'bmp280_pressure',
      temperature_bmp280: 'bmp280_temp',
      ph_sensor: 'ph',
      ec_sensor: 'ec',
      soil_moisture: 'moisture',
      pressure_bme280: 'bme280_pressure',
      temperature_bme280: 'bme280_temp',
      humidity_bme280: 'bme280_humidity',
      tsl2561: 'light',
      bh1750: 'light',
      yfs201: 'flow',
      DS18B20: 'ds18b20',
      pH: 'ph',
      EC: 'ec',
      SHT31: 'sht31_temp',
      SHT31_humidity: 'sht31_humidity',
      BME280: 'bme280_temp',
      BME280_humidity: 'bme280_humidity',
      BME280_pressure: 'bme280_pressure',
      'mh-z19': 'mhz19_co2',
      mhz19: 'mhz19_co2',
      mh_z19: 'mhz19_co2',
      'MH-Z19B': 'mhz19_co2',
      scd30: 'scd30_co2',
      'SCD 41': 'scd4x_co2',
      'YF-S201': 'flow',
      'HC-SR04': 'distance',
      HX711: 'weight',
      DHT22: 'dht22_temp',
      SGP40: 'voc_index',
      PAR: 'ppfd',
    }
    for (const [word, type] of Object.entries(spellings)) t.equal(named(word), type, word)
  },
)

t.test('an unknown word is no type, and is kept in lower case', async (t) => {
  t.equal(library.find('Geiger-Counter'), undefined)
  t.equal(library.normalise('Geiger-Counter'), 'geiger-counter')
  t.equal(library.normalise('Soil Moisture'), 'moisture')
  t.equal(library.find('__proto__'), undefined)
  t.equal(library.normalise('constructor'), 'constructor')
})

t.test('strangers do not fill the memory with spellings, and nothing is forgotten', async (t) => {
  for (let n = 0; n < 10_000; n++) library.find(`unknown ${n}`)
  t.equal(library.find('mh-z19')?.type, 'mhz19_co2')
})

for (const entry of sensorTypes)
  t.test(
    `${entry.type}: every alias leads to it, and simulated numbers come back as the value`,
    async (t) => {
      for (const alias of [entry.type, ...entry.aliases]) {
        t.equal(library.find(alias), entry, alias)
        t.equal(library.find(alias.toUpperCase().replaceAll('_', '-')), entry)
        t.equal(alias, alias.toLowerCase())
      }
      const [low, high] = entry.range
      const [lowest, highest] = entry.native.range
      t.ok(low < high && lowest < highest)
      t.ok(entry.mock >= low && entry.mock <= high, 'the mock lies in range')
      t.ok(entry.source.length > 20, 'the source is cited')
      t.ok(entry.name.en && entry.name.de)
      t.not(convert(entry, entry.simulate(entry.mock), PLAIN).quality, 'critical')
      t.equal(entry.calibration === 'linear', entry.line !== undefined)
      t.equal(entry.calibration === 'dry_wet', entry.span !== undefined)

      const decimal = 10 ** -entry.decimals / 2
      let compared = 0
      for (const value of [
        entry.mock,
        ...Array.from({ length: 101 }, (_, n) => low + ((high - low) * n) / 100),
      ]) {
        const native = entry.simulate(value)
        // At the end of an ADC the value can be more than it can say.
        if (native <= lowest || native >= highest) continue
        const { value: back } = convert(entry, native, PLAIN)
        if (back === null) continue
        const step = Math.abs(entry.convert(native + 1, PLAIN).value! - entry.convert(native, PLAIN).value!)
        const itself = entry.native.unit === entry.unit && entry.decimals > 0
        const resolution = itself ? 0.005 : step / 2
        t.ok(Math.abs(back - value) <= resolution + decimal + 1e-9, `${value} → ${native} → ${back}`)
        compared++
      }
      if (entry.type !== 'digital')
        t.ok(compared >= (entry.type === 'weight' ? 10 : 15), `${compared} values were compared`)
    },
  )

t.test('the physical limits of the protocol hold', async (t) => {
  const limits: Readonly<Record<string, readonly [number, number]>> = {
    sht31: [-40, 125],
    sht31_humidity: [0, 100],
    bme280_humidity: [0, 100],
    ds18b20: [-55, 125],
    bmp280_temp: [-40, 85],
    bme280_temp: [-40, 85],
    bmp280_pressure: [300, 1100],
    bme280_pressure: [300, 1100],
    ph: [0, 14],
    ec: [0, 20_000],
    moisture: [0, 100],
    soil_moisture: [0, 100],
    co2: [0, 10_000],
    light: [0, 200_000],
    flow: [0, 1000],
  }
  for (const [word, range] of Object.entries(limits)) t.strictSame(library.find(word)!.range, range, word)
})

t.test('how often and how stale is as the protocol has it', async (t) => {
  const rhythm = (word: string) => {
    const { interval_s, stale_s } = library.find(word)!
    return [interval_s, stale_s]
  }
  t.strictSame(rhythm('ph'), [0, 0])
  t.strictSame(rhythm('ec'), [0, 0])
  t.strictSame(rhythm('moisture'), [60, 300])
  t.strictSame(rhythm('bmp280_pressure'), [60, 300])
  t.strictSame(rhythm('light'), [60, 180])
  t.strictSame(rhythm('flow'), [10, 180])
  t.strictSame(rhythm('ds18b20'), [30, 180])
})

t.test('the list is plain JSON, one description per type', async (t) => {
  const list = library.list()
  t.equal(list.length, sensorTypes.length)
  t.strictSame(JSON.parse(JSON.stringify(list)), list)
})

const { convert: _, simulate: __, ...ph } = sensorTypes.find(({ type }) => type === 'ph')!
const geiger: RemoteType = {
  ...ph,
  type: 'geiger',
  aliases: ['radiation'],
  name: { en: 'Radiation', de: 'Strahlung' },
  remote: true,
}

t.test('a user’s type is found, listed and removed like any other', async (t) => {
  const own = createLibrary()
  t.equal(own.find('Radiation'), undefined)
  t.equal(own.add(geiger), undefined)
  t.equal(own.find('Radiation'), geiger, 'a spelling that was unknown before is known now')
  t.equal(own.normalise('RADIATION'), 'geiger')
  t.ok(isRemote(own.find('geiger')!))
  t.match(own.list().at(-1), { type: 'geiger', remote: true })
  t.match(own.add(geiger), /"geiger" already means geiger, of another module/)
  t.equal(own.remove('radiation'), false, 'by its name only')
  t.equal(own.remove('geiger'), true)
  t.equal(own.find('Radiation'), undefined)
  t.equal(own.remove('geiger'), false)
})

t.test('built-in names win over a user’s, and none of a refused type’s names is taken', async (t) => {
  const own = createLibrary()
  t.match(own.add({ ...geiger, type: 'pH' }), /"ph" already means ph, of kaiser itself/)
  t.match(own.add({ ...geiger, aliases: ['radiation', 'MH-Z19'] }), /"mhz19" already means mhz19_co2/)
  t.equal(own.find('radiation'), undefined)
  t.match(own.add({ ...geiger, aliases: ['--'] }), /without a letter/)
  t.equal(own.remove('ph'), false, 'nor can a built-in type be removed')
  t.equal(own.find('ph')?.type, 'ph')
})

t.test('two entries of one name are a mistake that shows at once', async (t) => {
  t.throws(() => createLibrary([sensorTypes[0]!, sensorTypes[0]!]), /both called/)
})
