/** Random numbers that can be seen again. */
import t from 'tap'
import { createRandom } from '../../sim/random.js'

const draw = (seed: number | string, n = 5): number[] => {
  const random = createRandom(seed)
  return Array.from({ length: n }, random)
}

t.test('the same seed gives the same numbers, another seed others', async (t) => {
  t.strictSame(draw(7), draw(7))
  t.strictSame(draw('MOCK_001'), draw('MOCK_001'))
  t.notSame(draw(7), draw(8))
  t.notSame(draw('MOCK_001'), draw('MOCK_002'))
  t.not(createRandom('MOCK_001')().toFixed(2), createRandom('MOCK_002')().toFixed(2))
})

t.test('they lie between 0 and below 1, evenly', async (t) => {
  const numbers = draw('even', 20_000)
  t.ok(numbers.every((number) => number >= 0 && number < 1))
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = numbers.filter((number) => Math.floor(number * 10) === tenth).length / numbers.length
    t.ok(Math.abs(share - 0.1) < 0.01, `${tenth}: ${share}`)
  }
})
