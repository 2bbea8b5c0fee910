/** What people, rules, devices and networks do in a sequence, done, and the model told of it. */
import type { Issued } from '../../../../routing/actuators/commands.js'
import { BY_KEY, type Scope, spelled } from './plan.js'
import type { LivesRule } from './rule-lives.js'
import type { StopsRule } from './rule-stops.js'
import type { WishesRule } from './rule-wishes.js'
import type { Scene } from './scene.js'
import type { DeviceStep, PeopleStep, StopStep, Wished } from './steps.js'

export interface Acts {
  perform(step: PeopleStep | DeviceStep): Promise<void>
  /** Whoever was not told that it is done does it again. */
  started(): void
}

export interface ActsOptions {
  readonly scene: Scene
  readonly lives: LivesRule
  readonly stops: StopsRule
  readonly wishes: WishesRule
}

const waiting = ({ wait }: { wait?: number }) => (wait === undefined ? {} : { wait: wait * 1000 })
const isRefusal = (error: unknown): boolean => (error as Error).name === 'RequestRefused'

export function createActs({ scene, lives, stops, wishes }: ActsOptions): Acts {
  const { time, devices, wires } = scene
  const house = () => scene.house()!
  const branchOf = (esp_id: string): string => `kaiser/god/esp/${esp_id}/actuator`
  let number = 0
  /** Orders that nobody has confirmed yet. */
  const open = new Set<StopStep>()

  const placeOf = (key: string) => {
    const { esp_id, gpio } = BY_KEY.get(key)!
    return { esp_id, gpio }
  }
  const requestOf = ({ key, command, value, duration }: Wished) => ({
    ...placeOf(key),
    command,
    ...(value !== undefined && { value }),
    ...(duration !== undefined && { duration }),
  })

  const rest = (wanted: readonly Wished[], more: { wait?: number; batch?: string }): void => {
    const { actuators, act } = house()
    const requests = wanted.map((each) => {
      const correlation_id = `rest-${number++}`
      if (more.wait !== undefined) lives.waits(correlation_id, more.wait)
      return { ...requestOf(each), ...more, correlation_id, issued_by: 'user:ada' }
    })
    const answer = act(() => {
      const issued: Issued[] = requests.map((request) => actuators.issue(request, time.wall))
      return { issued, effects: issued.flatMap(({ effects }) => effects) }
    })
    whenDone(answer, ({ result: { issued }, stored }) => {
      if (stored) for (const { command } of issued) lives.accepted(command.correlation_id)
    })
  }
  const mqtt = (wished: Wished, wait: number | undefined, twice: boolean): void => {
    const { esp_id, gpio, ...payload } = requestOf(wished)
    const correlation_id = `mqtt-${number++}`
    if (wait !== undefined) lives.waits(correlation_id, wait * 1000)
    for (let times = twice ? 2 : 1; times > 0; times--)
      house().operate(`${branchOf(esp_id)}/${gpio}/command`, { ...payload, wait, correlation_id })
  }
  const rule = (wished: Wished): void => {
    const { actuators, act } = house()
    const request = { ...requestOf(wished), issued_by: 'rule:1' }
    whenDone(
      act(() => actuators.issue(request, time.wall)),
      () => {},
    )
  }

  /** Nobody hears of what a dead kaiser finished. */
  const whenDone = <T>(done: Promise<T>, then: (result: T) => void): void => {
    const asked = house()
    done.then(
      (result) => scene.house() === asked && then(result),
      (error) => {
        if (!isRefusal(error)) scene.blame(`it threw: ${(error as Error).stack}`)
      },
    )
  }
  const confirmed = (step: StopStep): void => {
    open.delete(step)
    stops.sure(step.scope)
  }
  const changed = (step: StopStep): void => {
    open.add(step)
    stops.changed(step.scope, step.do === 'stop' ? 'latched' : 'released')
    if (step.do === 'stop') wishes.stopped(step.scope)
  }
  const topicOf = ({ esp_id }: Scope): string =>
    esp_id === undefined ? 'kaiser/broadcast/emergency' : `${branchOf(esp_id)}/emergency`

  const stop = (step: StopStep): void => {
    const { scope } = step
    const { act, actuators, operate } = house()
    // A zone has no topic.
    const done: Promise<unknown> =
      step.by === 'mqtt' && scope.zone_id === undefined
        ? operate(topicOf(scope), {
            command: 'emergency_stop',
            ...(scope.gpio !== undefined && { gpio: scope.gpio }),
          }).done
        : act(() => actuators.stops.trigger({ ...scope, reason: 'test', by: 'ada' }, time.wall))
    changed(step)
    whenDone(done, () => confirmed(step))
  }

  const release = async (step: StopStep): Promise<void> => {
    const { scope, by } = step
    if (!stops.isLatched(scope)) return
    const { act, actuators, operate, settled } = house()
    const wanted = { ...scope, reason: 'test', by: 'ada' }
    if (by === 'mqtt' && scope.zone_id === undefined) {
      const payload = { command: 'clear_emergency', ...(scope.gpio !== undefined && { gpio: scope.gpio }) }
      operate(topicOf(scope), payload)
      await settled()
      const { done } = operate(topicOf(scope), { ...payload, confirm: true })
      changed(step)
      whenDone(done, (code) => {
        if (code === 'processed') confirmed(step)
        else scene.blame(`the release of ${spelled(scope)} is ${code}`)
      })
      return
    }
    const arming = act(() => actuators.release.arm(wanted, time.wall))
    await settled()
    const { token } = (await arming).result
    const done = act(() => actuators.release.confirm({ ...wanted, token }, time.wall))
    changed(step)
    whenDone(done, () => confirmed(step))
  }

  const unarmed = async (scope: Scope): Promise<void> => {
    const { act, actuators, settled } = house()
    const wanted = { ...scope, reason: 'test', by: 'ada', token: 'guessed' }
    whenDone(
      act(() => actuators.release.confirm(wanted, time.wall)),
      () => scene.blame(`the stop ${spelled(scope)} is released without being armed`),
    )
    await settled()
  }

  const press = (key: string): void => {
    const { esp_id, gpio } = placeOf(key)
    const device = devices.get(esp_id)!
    // The firmware holds its outputs off while it is stopped.
    if (device.stopped) return
    device.press(gpio)
    wishes.pressed(key)
  }
  const suffer = (step: DeviceStep): void => {
    const wire = wires.get(step.esp_id)!
    const device = devices.get(step.esp_id)!
    if (step.do === 'misbehave') device.misbehave(step.mode, time.real + step.ms)
    else if (step.do === 'stall') wire.stall(step.ms, step.end)
    else if (step.do === 'unacknowledged') wire.loseAcknowledgements(time.real + step.ms)
    else if (step.do === 'replay') wire.replay()
    else {
      if (step.do === 'reboot') device.reboot()
      wire.breakOff(step.will, step.away)
    }
  }

  return {
    async perform(step) {
      if (step.do === 'rest') rest([step], waiting(step))
      else if (step.do === 'batch') rest(step.wishes, { batch: `batch-${number}`, ...waiting(step) })
      else if (step.do === 'mqtt') mqtt(step, step.wait, step.twice ?? false)
      else if (step.do === 'rule') rule(step)
      else if (step.do === 'stop') stop(step)
      else if (step.do === 'release') await release(step)
      else if (step.do === 'unarmed') await unarmed(step.scope)
      else if (step.do === 'press') press(step.key)
      else if ('esp_id' in step) suffer(step)
    },
    started() {
      for (const step of [...open]) {
        open.delete(step)
        if (step.do === 'stop') stop(step)
      }
    },
  }
}
