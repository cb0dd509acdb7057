"""How clients come in: OAuth, SOAP, sessions, and who they are then."""
