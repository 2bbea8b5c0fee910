/** Tells elements when they come near the part of the page that is in view, and when they leave it. */

type Told = (isNear: boolean) => void

const told = new WeakMap<Element, Told>()
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) told.get(target)?.(isIntersecting)
  },
  { rootMargin: '50% 0px' },
)

/** Returns how to stop. */
export function watchNear(element: Element, tell: Told): () => void {
  told.set(element, tell)
  observer.observe(element)
  return () => observer.unobserve(element)
}
