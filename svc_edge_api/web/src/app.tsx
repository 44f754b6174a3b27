/** Chooses the page by who is signed in and what the address asks for. */
import { useEffect } from "preact/hooks";
import { loadExercises } from "./exercises";
import { type GetMeResponse, Role } from "./gen/spotter/edge/v1/edge_pb";
import { fragment, parseRoute } from "./routes";
import { session } from "./session";
import { GymPage } from "./views/gym_page";
import { PersonPage } from "./views/person_page";
import { SignInPage } from "./views/sign_in_page";

export function App() {
  const now = session.value;
  switch (now.kind) {
    case "checking":
      return (
        <main class="sign-in">
          <p class="brand">Spotter</p>
          <p role="status">{now.note}</p>
        </main>
      );
    case "signed-out":
      return <SignInPage reason={now.reason} />;
    case "signed-in":
      return <SignedIn me={now.me} />;
  }
}

function SignedIn(props: { me: GetMeResponse }) {
  const { me } = props;
  useEffect(() => void loadExercises(), [me]);
  const route = parseRoute(fragment.value, me.role);
  if (route.page === "person") return <PersonPage askedId={route.personId} ownId={me.personId} tab={route.tab} />;
  return <GymPage staff={me.role === Role.STAFF} gymId={me.gymId} />;
}
