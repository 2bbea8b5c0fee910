/** The sun over a mock greenhouse stands where almanacs say. */
import t from 'tap'
import { clearSky, PLACE, skyAt, sunAt, warmthOf } from '../../sim/sky.js'

const HOUR = 3_600_000
const degrees = (sine: number): number => (Math.asin(sine) * 180) / Math.PI
const noon = (at: number, latitude: number): number => degrees(sunAt(at, { ...PLACE, latitude }).height)

t.test('the sun at noon and the length of the day are those of the almanac', async (t) => {
  const [june, december, march] = [
    Date.UTC(2026, 5, 21, 12),
    Date.UTC(2026, 11, 21, 12),
    Date.UTC(2026, 2, 20, 12),
  ]
  t.ok(Math.abs(noon(june, 48) - 65.4) < 0.5, 'midsummer at 48° north')
  t.ok(Math.abs(noon(december, 48) - 18.6) < 0.5, 'midwinter at 48° north')
  t.ok(Math.abs(noon(march, 0) - 90) < 2.5, 'overhead on the equator at the equinox')
  t.ok(Math.abs(noon(december, -33.9) - 79.5) < 0.6, 'midsummer in Cape Town')
  const length = (at: number, latitude: number) => sunAt(at, { ...PLACE, latitude }).day_length
  t.ok(Math.abs(length(june, 48) - 16.1) < 0.2, '16 h 5 min of light')
  t.ok(Math.abs(length(december, 48) - 8.35) < 0.2, '8 h 20 min of light')
  t.equal(length(june, 80), 24, 'it does not set')
  t.equal(length(december, 80), 0, 'it does not rise')
})

t.test('longitude moves noon by four minutes a degree', async (t) => {
  const at = Date.UTC(2026, 3, 15, 12)
  t.ok(Math.abs(sunAt(at, PLACE).hour - 12) < 0.1, 'the equation of time is nearly nothing in mid-April')
  t.ok(Math.abs(sunAt(at, { ...PLACE, longitude: 15 }).hour - 13) < 0.1)
  t.ok(Math.abs(sunAt(at, { ...PLACE, longitude: -150 }).hour - 2) < 0.1)
})

t.test('a day of ten minutes has one sunrise, and is warmest after noon', async (t) => {
  const place = { ...PLACE, day_ms: 600_000, day_of_year: 130 }
  const start = 1_750_000_200_000
  const day = Array.from({ length: 600 }, (_, second) => sunAt(start + second * 1_000, place))
  const rises = day.filter(({ height }, index) => height > 0 && day.at(index - 1)!.height <= 0)
  t.equal(rises.length, 1)
  const warmest = day.reduce((best, sun) => (warmthOf(sun) > warmthOf(best) ? sun : best))
  t.ok(warmest.hour > 13 && warmest.hour < 15, `warmest at ${warmest.hour}`)
  const coldest = day.reduce((best, sun) => (warmthOf(sun) < warmthOf(best) ? sun : best))
  t.ok(coldest.hour > 3 && coldest.hour < 6, `coldest at ${coldest.hour}`)
})

t.test('nothing jumps, and nothing leaves its range, anywhere and at any time of the year', async (t) => {
  for (const latitude of [-90, -66, -20, 0, 48, 70, 90])
    for (const day_of_year of [1, 80, 172, 266, 355]) {
      const place = { ...PLACE, latitude, day_of_year }
      let before: number | undefined
      for (let minute = 0; minute <= 1_440; minute += 5) {
        const at = Date.UTC(2026, 0, 1) + minute * 60_000
        const sun = sunAt(at, place)
        const warmth = warmthOf(sun)
        const sky = skyAt(at, place, 'x')
        if (!(warmth >= -1e-9 && warmth <= 1)) t.fail(`warmth ${warmth} at ${latitude}°`)
        if (before !== undefined && Math.abs(warmth - before) > 0.2) t.fail(`warmth jumps at ${latitude}°`)
        before = warmth
        if (!(sky.irradiance >= 0 && sky.irradiance <= 1_100)) t.fail(`${sky.irradiance} W/m²`)
        if (sky.height <= 0 && sky.irradiance !== 0) t.fail('light at night')
        if (!(sky.temperature > -70 && sky.temperature < 50)) t.fail(`${sky.temperature} °C at ${latitude}°`)
        if (!(sky.vapour > 0)) t.fail('air without any water')
      }
    }
  t.ok(clearSky(sunAt(Date.UTC(2026, 5, 21, 12), PLACE)) > 900, 'a summer noon')
})

t.test('the weather is the same for the same seed, and different for another', async (t) => {
  const at = Date.UTC(2026, 5, 21, 12)
  const clouds = (seed: string) =>
    Array.from({ length: 48 }, (_, hour) => skyAt(at + hour * HOUR, PLACE, seed).cloud)
  t.strictSame(clouds('a'), clouds('a'))
  t.notSame(clouds('a'), clouds('b'))
})
