"""What happens on the page to further photographs of one person; conventions as in handlers.py."""

from __future__ import annotations

from dataclasses import replace

from animate.interfaces.web import more_panel, work
from animate.interfaces.web.door import number, text
from animate.interfaces.web.session import Session, present


class MoreHandlers:
    """The handlers of the panel of further photographs."""

    sessions: dict[str, Session]

    def draw_more(self, sent: dict, session: Session | None) -> str:
        """The panel of further photographs, once something about the photograph has changed."""
        return more_panel.html(session)

    def more_came(self, sent: dict, session: Session | None) -> tuple:
        """A further photograph was given to the page."""
        return self._with_more(work.add_more(present(session), text(sent, "path"), str(sent.get("name", ""))[:200]))

    def more_away(self, sent: dict, session: Session | None) -> tuple:
        """A further photograph is taken away."""
        return self._with_more(present(session).without_more(number(sent, "number")))

    def more_insisted(self, sent: dict, session: Session | None) -> tuple:
        """The person says whether faces that do not seem alike are one person's."""
        return self._with_more(replace(present(session), insisted=sent.get("all") is True))

    def _with_more(self, session: Session) -> tuple:
        self.sessions[session.key] = session
        return session, more_panel.html(session)

    def _failed_more(self, sentence: str, session: Session | None) -> tuple:
        return session, more_panel.html(session, failure=sentence)
