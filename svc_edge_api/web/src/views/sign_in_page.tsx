/** For a visitor without a token. */
import { useState } from "preact/hooks";
import { signIn } from "../session";

export function SignInPage(props: { reason: string }) {
  const [token, setToken] = useState("");
  return (
    <main class="sign-in">
      <p class="brand">Spotter</p>
      {props.reason !== "" && <p class="notice final" role="alert">{props.reason}</p>}
      <h1>Your count, your form, your coach.</h1>
      <p>Training now? Tap “That's me” on the gym's screen and scan the code with this phone.</p>
      <details>
        <summary>I have a token</summary>
        <form
          onSubmit={(submit) => {
            submit.preventDefault();
            if (token.trim() !== "") void signIn(token);
          }}
        >
          <label for="token">Token</label>
          <input id="token" type="password" autocomplete="off" value={token} onInput={(e) => setToken(e.currentTarget.value)} />
          <button type="submit">Sign in</button>
        </form>
      </details>
    </main>
  );
}
