/**
 * Plays a sequence: devices, wires and one life of kaiser after the other, while the rules look on. At the end
 * everything works again for a while, and whatever was begun has to be over. Resolves with the promise that was
 * broken first, or with nothing.
 */
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createActs } from './acts.js'
import type { Device } from './device.js'
import { createDevice } from './device.js'
import { createEars } from './ears.js'
import { type House, openHouse } from './house.js'
import { createKnowledge } from './known.js'
import { DEVICES, gpiosOf } from './plan.js'
import { createLimitsRule } from './rule-limits.js'
import { createLivesRule } from './rule-lives.js'
import { createStopsRule } from './rule-stops.js'
import { createTogetherRule } from './rule-together.js'
import { createWishesRule } from './rule-wishes.js'
import { createTrouble, type Rule, type Scene } from './scene.js'
import type { KillStep, Sequence, Step } from './steps.js'
import { createTime } from './time.js'
import { createWire, type Wire } from './wire.js'

/** A promise was broken. */
class Broken extends Error {}

/** ms of real time in which a device, a wire and the rules do one thing each. */
const QUANTUM = 500
/** Long enough for every command to end. */
const PEACE = 75_000

/** `template` is a furnished database; `dir` an empty directory. */
export async function play(
  { styles, steps }: Sequence,
  template: string,
  dir: string,
): Promise<string | undefined> {
  const time = createTime()
  const devices = new Map<string, Device>()
  const wires = new Map<string, Wire>()
  let house: House | undefined
  const blame = (sentence: string): never => {
    throw new Broken(sentence)
  }
  for (const [n, esp_id] of DEVICES.entries()) {
    const wire = createWire({ esp_id, time, owner: () => devices.get(esp_id)!, peer: () => house })
    wires.set(esp_id, wire)
    devices.set(
      esp_id,
      createDevice({ esp_id, gpios: gpiosOf(esp_id), style: styles[n]!, time, say: wire.say }),
    )
  }
  const trouble = createTrouble({ time, devices, wires, house: () => house })
  let broken: string | undefined
  const scene: Scene = {
    time,
    devices,
    wires,
    house: () => house,
    // What is thrown in the middle of kaiser would be kaiser's to catch.
    blame: (sentence) => {
      broken ??= `${sentence} [after ${time.real} ms]`
    },
    ...trouble,
  }
  const known = createKnowledge(scene)
  const lives = createLivesRule(scene)
  const stops = createStopsRule(scene, known)
  const wishes = createWishesRule(scene, known)
  // Rules compare what is said with what was known before: what is known comes last.
  const rules: readonly Rule[] = [
    lives,
    stops,
    wishes,
    createLimitsRule(scene, known),
    createTogetherRule(scene, known),
    known,
  ]
  const acts = createActs({ scene, lives, stops, wishes })

  const open = (path: string): void => {
    house = openHouse({ path, time, wires, ears: createEars(rules, scene.blame) })
  }
  const begin = join(dir, '0')
  mkdirSync(begin)
  for (const suffix of ['', '-wal']) copyFileSync(`${template}${suffix}`, join(begin, `kaiser.db${suffix}`))
  open(join(begin, 'kaiser.db'))

  let seen = { real: 0, wall: time.wall }
  let looked = 0
  const check = (): void => {
    if (broken !== undefined) blame(broken)
    trouble.look()
    for (const rule of rules) rule.check?.()
    if (broken !== undefined) blame(broken)
  }
  const pump = async (): Promise<void> => {
    for (let round = 0; round < 8; round++) {
      for (const wire of wires.values()) wire.pump()
      await house?.settled()
      if (![...wires.values()].some(({ busy }) => busy)) break
    }
  }
  const quantum = async (): Promise<void> => {
    // A commit takes no time.
    await house?.settled()
    time.pass(QUANTUM)
    for (const device of devices.values()) device.tick()
    await pump()
    if (house && time.real - looked >= 1_000) {
      looked = time.real
      house.look()
      // From here on a jump of the clock is not noticed before the next look.
      seen = { real: time.real, wall: time.wall }
      if (time.real % 10_000 < 1_000) house.lookForSilence()
      await pump()
    }
    check()
  }
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += QUANTUM) await quantum()
  }

  const kill = async ({ when, arrives, down, jump }: KillStep): Promise<void> => {
    const dying = house!
    if (when === 'synced') await dying.settled()
    else if (when !== 'queued') await dying.turn()
    const path = dying.kill(when === 'power')
    house = undefined
    for (const wire of wires.values()) wire.die(arrives)
    for (const rule of rules) rule.killed?.(when === 'power')
    await dying.bury()
    time.jump(jump)
    await pass(down)
    open(path)
    for (const rule of rules) rule.started?.(house!, time.real - seen.real, time.wall - seen.wall)
    check()
    await house!.settled()
    acts.started()
    await pump()
  }

  const perform = async (step: Step): Promise<void> => {
    if (step.do === 'pass') return pass(step.ms)
    if (step.do === 'kill') return kill(step)
    if (step.do === 'jump') return time.jump(step.ms)
    await acts.perform(step)
    if (broken !== undefined) blame(broken)
  }

  try {
    // Everybody connects first.
    await pass(2_000)
    for (const step of steps) await perform(step)
    for (const device of devices.values()) device.behave()
    for (const wire of wires.values()) wire.mend()
    await pass(PEACE)
    for (const rule of rules) rule.finish?.(house!)
    check()
    return undefined
  } catch (error) {
    if (error instanceof Broken) return error.message
    return `it threw: ${(error as Error).stack}`
  } finally {
    await (house as House | undefined)?.bury()
  }
}
