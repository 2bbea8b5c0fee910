/** The words of the page in English: one file for each part of it. German has the same keys. */
import { actuators } from './actuators.js'
import { asking } from './asking.js'
import { codes } from './codes.js'
import { devices } from './devices.js'
import { entrance } from './entrance.js'
import { errors } from './errors.js'
import { events } from './events.js'
import { findings } from './findings.js'
import { frame } from './frame.js'
import { offline } from './offline.js'
import { overview } from './overview.js'
import { pages } from './pages.js'
import { parts } from './parts.js'
import { sensors } from './sensors.js'
import { stops } from './stops.js'
import { times } from './times.js'

export const en = {
  actuators,
  asking,
  codes,
  devices,
  entrance,
  errors,
  events,
  findings,
  frame,
  offline,
  overview,
  pages,
  parts,
  sensors,
  stops,
  times,
}
