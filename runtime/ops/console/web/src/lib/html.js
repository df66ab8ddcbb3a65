// htm bound to Preact: templates make nodes; a text is only ever a text node.
export { html } from 'htm/preact';
