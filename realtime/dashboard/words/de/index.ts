/** The words of the page in German. */
import type { Words } from '../index.js'
import { actuators } from './actuators.js'
import { asking } from './asking.js'
import { audit, audit_kinds, retention } from './audit.js'
import { charts } from './charts.js'
import { codes } from './codes.js'
import { connect } from './connect.js'
import { device } from './device.js'
import { devices } from './devices.js'
import { entrance } from './entrance.js'
import { errors } from './errors.js'
import { events } from './events.js'
import { findings } from './findings.js'
import { frame } from './frame.js'
import { lab } from './lab.js'
import { mqtt_log, topics } from './mqtt_log.js'
import { offline } from './offline.js'
import { overview } from './overview.js'
import { pages } from './pages.js'
import { parts } from './parts.js'
import { rules } from './rules.js'
import { said } from './said.js'
import { sensors } from './sensors.js'
import { setup } from './setup.js'
import { stops } from './stops.js'
import { system } from './system.js'
import { times } from './times.js'
import { account, users } from './users.js'

export const de: Words = {
  account,
  actuators,
  asking,
  audit,
  audit_kinds,
  charts,
  codes,
  connect,
  device,
  devices,
  entrance,
  errors,
  events,
  findings,
  frame,
  lab,
  mqtt_log,
  offline,
  overview,
  pages,
  parts,
  retention,
  rules,
  said,
  sensors,
  setup,
  stops,
  system,
  times,
  topics,
  users,
}
