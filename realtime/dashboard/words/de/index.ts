/** The words of the page in German. */
import type { Words } from '../index.js'
import { asking } from './asking.js'
import { entrance } from './entrance.js'
import { frame } from './frame.js'
import { pages } from './pages.js'
import { times } from './times.js'

export const de: Words = { asking, entrance, frame, pages, times }
