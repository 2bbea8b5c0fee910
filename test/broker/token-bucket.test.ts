import t from 'tap'
import { TokenBucket } from '../../broker/token-bucket.js'

const at = (rate: number, burst: number) => {
  const clock = { ms: 0 }
  return { clock, bucket: new TokenBucket(rate, burst, () => clock.ms) }
}

t.test('what was saved up may be taken at once; then the debt has to be waited for', async (t) => {
  const { bucket, clock } = at(100, 10)
  for (let n = 0; n < 10; n++) t.equal(bucket.take(1), 0)
  t.equal(bucket.take(1), 10, 'a token takes 10 ms')
  clock.ms += 10
  t.equal(bucket.take(1), 10)
  t.equal(bucket.take(4), 50)
  clock.ms += 50
  t.equal(bucket.take(0), 0, 'the debt is paid')
})

t.test('in the long run nobody takes more than the rate and one burst', async (t) => {
  const { bucket, clock } = at(2_000, 5_000)
  let taken = 0
  while (clock.ms < 10_000) {
    taken++
    clock.ms += bucket.take(1)
  }
  t.ok(Math.abs(taken - (5_000 + 10 * 2_000)) <= 2, String(taken))
})

t.test('who is quiet saves up to the burst and no more', async (t) => {
  const { bucket, clock } = at(10, 3)
  bucket.take(3)
  clock.ms += 3_600_000
  t.equal(bucket.take(3), 0)
  t.equal(bucket.take(1), 100)
})

t.test('slower than the rate never waits', async (t) => {
  const { bucket, clock } = at(10, 1)
  for (let n = 0; n < 1_000; n++) {
    t.equal(bucket.take(1), 0)
    clock.ms += 100
  }
})

t.test('without a rate nobody waits, and a clock that goes back costs nothing', async (t) => {
  t.equal(at(0, 1).bucket.take(1_000_000), 0)
  const { bucket, clock } = at(10, 1)
  clock.ms = 1_000
  t.equal(bucket.take(2), 100)
  clock.ms = 0
  t.equal(bucket.take(1), 200)
})
