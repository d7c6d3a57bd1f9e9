/**
 * Passkeys: making one on the own page, and signing in by one at the door (WebAuthn Level 3).
 * Shown only where the browser can; a bare network address such as 127.0.0.1 can't have passkeys.
 */

import { token } from "../base.js";

const address = /^(\d+\.){3}\d+$|^\[/.test(location.hostname);

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

async function send(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() },
    body: JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok || !said.ok) throw new Error(said.error?.message ?? "");
  return said;
}

function described(list = []) {
  return list.map((one) => ({ ...one, id: bytes(one.id) }));
}

async function made(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: described(options.excludeCredentials),
  };
  const { id, rawId, type, response } = await navigator.credentials.create({ publicKey });
  return {
    id,
    rawId: text(rawId),
    type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

async function signed(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: described(options.allowCredentials),
  };
  const { id, rawId, type, response } = await navigator.credentials.get({ publicKey });
  return {
    id,
    rawId: text(rawId),
    type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}

for (const part of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential || address) break;
  part.hidden = false;
  const button = part.querySelector("button");
  const error = part.querySelector(".error");
  button.addEventListener("click", async () => {
    error.hidden = true;
    button.disabled = true;
    try {
      const { options } = await send(part.dataset.options, {});
      const credential = await (part.dataset.passkey === "add" ? made(options) : signed(options));
      const { to } = await send(part.dataset.finish, { credential, next: part.dataset.next ?? null });
      location.assign(to);
    } catch (problem) {
      // a person who closes her device's own question needs no error; she knows
      if (problem.name !== "NotAllowedError" && problem.name !== "AbortError") {
        error.textContent = problem.name === "Error" && problem.message ? problem.message : part.dataset.failed;
        error.hidden = false;
      }
      button.disabled = false;
    }
  });
}
