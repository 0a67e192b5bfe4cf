"""What people look at, gathered once for every way of showing it: the screen, the page, the calendar, a program."""
