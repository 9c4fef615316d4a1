/** Registers an element. A page that loads the library twice keeps the first, where the platform would throw. */
export function defineElement(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}
