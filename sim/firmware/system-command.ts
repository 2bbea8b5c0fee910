/** `system/command`: what concerns the device as a whole, one entry per word; every command is answered. protocol.md §1.2 D9 */
import { fromDevice, toDevice } from '../../routing/contract/topics.js'
import { asked, said } from '../board.js'
import { diagnosticsOf, statusOf } from '../vitals.js'
import type { WiredBoard } from '../wired-board.js'
import { hearing, type Message, numberIn, textIn, wordIn } from './hearing.js'

interface Done {
  success: boolean
  message: string
  /** What the answer also says. */
  more?: object
  /** What follows the answer. */
  after?: () => void
}

type Act = (board: WiredBoard, params: Message) => Done

/** The firmware waits so long before it goes on after it was stopped, ms. */
const RESUME_AFTER = 2_000
const REBOOT_AFTER = 1_000

const done = (message: string, more?: object): Done => ({ success: true, message, ...(more && { more }) })
const no = (message: string): Done => ({ success: false, message })

const restart: Act = (board, params) => ({
  ...done('Restarting'),
  after: () => board.reboot('SW_RESET', numberIn(params, 'delay') ?? REBOOT_AFTER),
})

const safeMode: Act = (board, params) => {
  board.become('SAFE_MODE', textIn(params, 'reason') ?? 'system command')
  return done('Safe mode is on')
}

/** Flags are cleared; what is off stays off. */
const leaveSafeMode: Act = (board) => {
  board.become('OPERATIONAL', 'system command')
  return done('Safe mode is off')
}

const reset: Act = (board) => {
  const { state } = board
  board.outputs.rest('RESET_CONFIG')
  const { sensors, actuators } = state.pushed
  state.pushed = {
    sensors: null,
    actuators: null,
    offline_rules: null,
    generation: 0,
    config_fingerprint: null,
  }
  state.zone = null
  state.subzones = {}
  for (const key of Object.keys(sensors ?? {})) board.sensors.renew(key)
  for (const gpio of Object.keys(actuators ?? {})) board.outputs.renew(Number(gpio))
  board.changed()
  return { ...done('Configuration is reset'), after: () => board.reboot('SW_RESET', REBOOT_AFTER) }
}

const stop: Act = (board, params) => {
  const stopped = board.outputs.emergencyStop(textIn(params, 'reason') ?? 'system command')
  return done(`${stopped} actuators stopped`)
}

const ACTS: Readonly<Record<string, Act>> = {
  REBOOT: restart,
  RESTART: restart,
  SAFE_MODE: safeMode,
  SAFE_MODE_ENABLE: safeMode,
  EXIT_SAFE_MODE: leaveSafeMode,
  SAFE_MODE_DISABLE: leaveSafeMode,
  RESUME_OPERATION: (board) => ({
    ...done('Operation goes on'),
    after: () =>
      void board.clock.after(RESUME_AFTER, () => {
        board.outputs.clearEmergency()
        board.become('OPERATIONAL', 'resume_operation')
      }),
  }),
  DIAGNOSTICS(board) {
    board.diagnose()
    const { heap_free, wifi_rssi, uptime_seconds } = diagnosticsOf(board)
    return done('Diagnostics are sent', { heap_free, wifi_rssi, uptime_seconds })
  },
  STATUS(board) {
    board.say(fromDevice.deviceStatus, {}, statusOf(board))
    return done(board.state.system_state, { system_state: board.state.system_state })
  },
  GET_CONFIG: ({ state, sensors, outputs }) =>
    done(`${sensors.all.length} sensors, ${outputs.all.length} actuators`, {
      zone_id: state.zone?.zone_id ?? '',
      sensors: sensors.all.map(({ gpio, sensor_type }) => ({ gpio, sensor_type })).slice(0, 10),
      actuators: outputs.all.map(({ gpio, actuator_type }) => ({ gpio, actuator_type })).slice(0, 10),
    }),
  RESET: reset,
  RESET_CONFIG: reset,
  FACTORY_RESET: reset,
  SET_LOG_LEVEL(_board, params) {
    const level = textIn(params, 'level')
    return level ? done(`Log level is ${level.slice(0, 16)}`) : no('params.level is missing')
  },
  SET_EMERGENCY_TOKEN(board, params) {
    const kind = textIn(params, 'token_type')
    if (kind !== 'esp' && kind !== 'broadcast') return no('params.token_type must be esp or broadcast')
    board.state.tokens[kind] = textIn(params, 'token') || null
    board.changed()
    return done(`Token ${kind} is ${board.state.tokens[kind] ? 'set' : 'cleared'}`)
  },
  'ONEWIRE/SCAN'(board, params) {
    const pin = numberIn(params, 'pin') ?? numberIn(params, 'gpio')
    const devices = board.sensors.all
      .filter(
        ({ gpio, address }) => address && !address.startsWith('0x') && (pin === undefined || gpio === pin),
      )
      .map(({ gpio, address }) => ({ rom_code: address, pin: gpio, device_type: 'ds18b20' }))
    return done(`${devices.length} found`, { devices: devices.slice(0, 10), found_count: devices.length })
  },
  EMERGENCY_STOP: stop,
  CLEAR_EMERGENCY(board) {
    board.outputs.clearEmergency()
    return done('Emergency is cleared')
  },
}

function answer(board: WiredBoard, message: Message, { success, message: text, more = {} }: Done): void {
  board.say(
    fromDevice.commandResponse,
    {},
    {
      ...said(board),
      command: wordIn(message).toLowerCase().slice(0, 64),
      success,
      message: text,
      ...more,
      ...asked(message),
    },
  )
}

export const systemCommand = hearing({
  topic: toDevice.systemCommand,
  hear(board, message) {
    const word = wordIn(message)
    const { params } = message
    const given = typeof params === 'object' && params !== null ? (params as Message) : {}
    const act = Object.hasOwn(ACTS, word) ? ACTS[word] : undefined
    const outcome = act ? act(board, given) : no(`Unknown command: ${word.slice(0, 64)}`)
    answer(board, message, outcome)
    outcome.after?.()
  },
  unreadable: (board) => answer(board, {}, no('Not JSON')),
})
