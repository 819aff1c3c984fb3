// @ts-check
/** Small helps for pages: finding, copying templates, asking our own server. */

import { word } from "./words.js";

/** @returns {HTMLElement} */
export function find(/** @type {string} */ selector, /** @type {ParentNode} */ within = document) {
  const found = within.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`the page has no ${selector}`);
  return found;
}

/** The same for what a page may do without. @returns {HTMLElement | null} */
export function maybe(/** @type {string} */ selector, /** @type {ParentNode} */ within = document) {
  return /** @type {HTMLElement | null} */ (within.querySelector(selector));
}

/** The first element of a `<template>`, copied. @returns {HTMLElement} */
export function copyOf(/** @type {string} */ id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  return /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
}

/** JSON from our own server. Throws the problem document's sentence. */
export async function ask(/** @type {string} */ address) {
  return read(await reach(address, { headers: { Accept: "application/json" } }));
}

/** Sends JSON to our own server with the page's form token. */
export async function tell(/** @type {string} */ address, /** @type {unknown} */ body) {
  const token = document.documentElement.querySelector("[data-form-token]")?.getAttribute("data-form-token") ?? "";
  return read(
    await reach(address, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-Form-Token": token },
      body: JSON.stringify(body),
    }),
  );
}

/** fetch, with a sentence of ours for a line that is down: browsers say it in English. */
async function reach(/** @type {string} */ address, /** @type {RequestInit} */ options) {
  try {
    return await fetch(address, options);
  } catch {
    throw new Error(word("not-reached"));
  }
}

async function read(/** @type {Response} */ response) {
  const type = response.headers.get("Content-Type") ?? "";
  const body = type.includes("json") ? await response.json() : {};
  if (!response.ok) throw new Error(body.detail ?? response.statusText);
  return body;
}
