/** The words of the page in English: one file for each part of it. German has the same keys. */
import { asking } from './asking.js'
import { entrance } from './entrance.js'
import { frame } from './frame.js'
import { pages } from './pages.js'
import { times } from './times.js'

export const en = { asking, entrance, frame, pages, times }
