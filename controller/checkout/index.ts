/** Checkout: the script that brings source onto a node with git, whatever it comes from. */
export { checkoutScript, SOURCE_INPUT, type CheckoutScript } from './checkout-script.ts';
