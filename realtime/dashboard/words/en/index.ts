/** The words of the page in English: one file for each part of it. German has the same keys. */
import { entrance } from './entrance.js'
import { frame } from './frame.js'
import { pages } from './pages.js'
import { times } from './times.js'

export const en = { entrance, frame, pages, times }
