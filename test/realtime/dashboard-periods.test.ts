/** The pure parts of a device's page: when it was there, and when a value stands still. */
import t from 'tap'
import { missesTurn, periodsOf } from '../../realtime/dashboard/pages/device/periods.js'
import { isSteady } from '../../realtime/dashboard/pages/device/steady.js'

const turn = (online: boolean, at: number) => ({ online, at, message: null })

t.test('a device that came and went has a period for each, in the order of time', async (t) => {
  t.strictSame(periodsOf([turn(true, 70), turn(false, 30)], 0, 100), [
    { state: 'online', from: 0, to: 30 },
    { state: 'offline', from: 30, to: 70 },
    { state: 'online', from: 70, to: 100 },
  ])
})

t.test('what was before it first came is not known', async (t) => {
  t.strictSame(periodsOf([turn(true, 40)], 0, 100), [
    { state: 'unknown', from: 0, to: 40 },
    { state: 'online', from: 40, to: 100 },
  ])
  t.strictSame(periodsOf([], 0, 100), [{ state: 'unknown', from: 0, to: 100 }])
})

t.test('a turn that was not written down leaves what followed unknown', async (t) => {
  const turns = [turn(false, 70), turn(true, 30)]
  t.equal(missesTurn(turns, 'online'), true, 'it went last, and is there')
  t.equal(missesTurn(turns, 'offline'), false)
  t.equal(missesTurn(turns, 'unknown'), false, 'nobody knows whether it is there')
  t.equal(missesTurn([], 'online'), false)
  t.strictSame(periodsOf(turns, 0, 100, true).at(-1), { state: 'unknown', from: 70, to: 100 })
})

t.test('turns outside of the time are left out', async (t) => {
  t.strictSame(periodsOf([turn(true, -5), turn(false, 120)], 0, 100), [
    { state: 'unknown', from: 0, to: 100 },
  ])
})

t.test('a value is steady when its latest five lie within one per cent', async (t) => {
  t.equal(isSteady([7, 7]), undefined, 'two say nothing')
  t.equal(isSteady([7, 7.01, 7.02]), true)
  t.equal(isSteady([7, 7.2, 7.02]), false)
  t.equal(isSteady([3, 7, 7, 7, 7, 7]), true, 'what was before does not count')
  t.equal(isSteady([0, 0, 0]), true)
})
