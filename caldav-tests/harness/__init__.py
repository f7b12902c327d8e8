"""What starts servers and client programs, and writes down what they say to each other.

Only the standard library is used here: the programs under test bring their own in a virtual
environment. `mail` and `post` alone use packages of that: they are part of scenarios, as readers of mails
and as a mail server. Knows nothing of any client; those are the `client_*` files beside this folder.
"""
