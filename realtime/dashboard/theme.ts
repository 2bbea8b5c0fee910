/** Light or dark: as the system has it, unless somebody chose here. `theme.css` reads the attribute this sets. */
import { computed, ref, watchEffect } from 'vue'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEPT_AS = 'kaiser_theme'
const kept = localStorage.getItem(KEPT_AS)

/** What was chosen in this browser. */
export const theme = ref<Theme>(THEMES.find((name) => name === kept) ?? 'system')

/** Takes over and remembers a choice. */
export function choose(chosen: Theme): void {
  theme.value = chosen
  try {
    localStorage.setItem(KEPT_AS, chosen)
  } catch {
    // A full or forbidden storage: the choice lasts as long as this page.
  }
}

const system = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = ref(system.matches)
system.addEventListener('change', ({ matches }) => {
  systemIsDark.value = matches
})

/** Whether the page is dark now. */
export const isDark = computed(
  () => theme.value === 'dark' || (theme.value === 'system' && systemIsDark.value),
)

watchEffect(() => {
  document.documentElement.dataset.theme = isDark.value ? 'dark' : 'light'
})
