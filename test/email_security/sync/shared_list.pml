/* Two equal syncs, a sync of another owner and a person at one list, as a model that spin checks
 * exhaustively (protocol.py): whatever the order of their requests, and whichever answers are lost,
 * at the end each entry that a feed wants is there once, and the person's entries are as the person
 * left them. The same with the real code, at random, is in shared_list_test.cpp.
 *
 * A request is one atomic step, as the API serves it. The rules that are modelled:
 *
 *   read_list     src/call/oldest_first_reading.cpp, 1: pages from the last to the first
 *   write         sync_application::send_batch; a lost answer: settle, in application.cpp
 *   is_alone      newest_entries: the last old entry in its place, then only what was created
 *   read_arrivals newer_pages: from the end down to an entry that was there at the reading before;
 *                 of a search for the owner's mark (sync_application::read_arrivals) the same
 *   remove_doubles  of doubles the one with the smallest identifier stays, by what one reading
 *                 shows
 */
#ifndef REFUSES
#define REFUSES 0           /* whether the API refuses a pattern that is there already */
#endif
/* What must make the checks fail: the model without a rule. */
#ifndef WITHOUT_LOOK
#define WITHOUT_LOOK 0
#endif
#ifndef WITHOUT_LAST
#define WITHOUT_LAST 0
#endif
#ifndef BEFORE
#define BEFORE 2            /* entries that are there before */
#endif
#ifndef WITH_OTHER
#define WITH_OTHER 1        /* whether another owner's sync is at work, too */
#endif
#define ROOM 10             /* more entries than there ever are */
#define PAGE 2

#define OF_A 0              /* what the two equal syncs want */
#define OF_B 1              /* what the other owner's sync wants */
#define BY_HAND 2           /* what the person has */

typedef entry { byte pattern; byte id };
entry list[ROOM];           /* the oldest first */
byte length = 0;
byte ids = 0;               /* identifiers grow, as they are drawn */
byte ended = 0;

/* A create that was lost on its way and is served later; NOTHING if there is none. */
#define NOTHING 255
byte late = NOTHING;
byte losses = 0;
#ifndef MOST_LOSSES
#define MOST_LOSSES 1
#endif

hidden byte at, count;      /* of the steps below; each is atomic */
hidden byte position;

inline append(what) {
    list[length].pattern = what;
    list[length].id = ids;
    length++;
    ids++
}

inline find(what) {
    count = 0;
    at = 0;
    do
    :: at < length -> if :: list[at].pattern == what -> count++ :: else fi; at++
    :: else -> break
    od
}

inline create(what) {
    find(what);
    if
    :: REFUSES && count > 0 -> skip
    :: else -> append(what)
    fi
}

/* What was late is served before the next request is. */
inline arrive() {
    if
    :: late != NOTHING -> create(late); late = NOTHING
    :: else
    fi
}

inline remove_at(position) {
    at = position;
    do
    :: at + 1 < length ->
        list[at].pattern = list[at + 1].pattern;
        list[at].id = list[at + 1].id;
        at++
    :: else -> break
    od;
    length--;
    list[length].pattern = 0;
    list[length].id = 0
}

inline remove_id(number) {
    count = 0;
    do
    :: count < length && list[count].id != number -> count++
    :: else -> break
    od;
    if
    :: count < length -> remove_at(count)
    :: else                 /* somebody else has deleted it: no error */
    fi
}

/* Reads all pages, the last one first. `there`: whether the pattern is there; `current`: how many
 * entries were read; `known`: the identifiers of the last page, as a set of bits. */
inline read_list() {
    atomic {
        arrive();
        page = length / PAGE;
        there = false;
        current = 0;
        seen = 0;
        known = 0;
        is_first = true
    }
    do
    :: atomic {
        arrive();
        position = page * PAGE;
        do
        :: position < length && position < (page + 1) * PAGE ->
            if
            :: list[position].pattern == wanted -> there = true
            :: else
            fi;
            if
            :: !(seen & (1 << list[position].id)) ->
                seen = seen | (1 << list[position].id);
                current++
            :: else
            fi;
            if
            :: is_first -> known = known | (1 << list[position].id)
            :: else
            fi;
            position++
        :: else -> break
        od;
        if
        :: known != 0 -> is_first = false
        :: else
        fi;
        if
        :: page == 0 -> break
        :: else -> page--
        fi
       }
    od
}

/* Reads the pages from the end down to one with an entry of `anchor`. `there`: whether the pattern
 * is there; `smallest` and `second`: the identifiers that have it, of all readings; `anchor`: the
 * entries of the last page. */
inline read_arrivals() {
    atomic {
        arrive();
        page = length / PAGE;
        known = 0;
        there = false;
        is_first = true
    }
    do
    :: atomic {
        arrive();
        position = page * PAGE;
        is_own = false;
        do
        :: position < length && position < (page + 1) * PAGE ->
            if
            :: anchor & (1 << list[position].id) -> is_own = true
            :: else
            fi;
            if
            :: list[position].pattern == wanted -> there = true
            :: else
            fi;
            if
            :: list[position].pattern == wanted && list[position].id != smallest &&
               list[position].id != second ->
                if
                :: list[position].id < smallest ->
                    second = smallest;
                    smallest = list[position].id
                :: else -> second = list[position].id
                fi
            :: else
            fi;
            if
            :: is_first -> known = known | (1 << list[position].id)
            :: else
            fi;
            position++
        :: else -> break
        od;
        if
        :: known != 0 -> is_first = false
        :: else
        fi;
        if
        :: page == 0 || is_own -> break
        :: else -> page--
        fi
       }
    od;
    atomic {
        if
        :: known != 0 -> anchor = known
        :: else
        fi;
        page = 0;
        known = 0;
        is_first = false;
        is_own = false
    }
}

/* sync_application::forget_arrivals */
inline forget_arrivals() {
    smallest = NOTHING;
    second = NOTHING;
    anchor = last
}

proctype sync(byte wanted) {
    byte page, current, first, created, smallest, second;
    bool there, is_first, is_lost, was_sent_again, is_own, is_of_one_reading;
    short seen, known, last, anchor;

    read_list();
    atomic {
        last = known; first = current;
        page = 0; known = 0; seen = 0; current = 0; is_first = false
    };
    if
    :: there -> goto done
    :: else
    fi;
    atomic {
        created = 0;
        was_sent_again = false;
        is_of_one_reading = true;
        forget_arrivals()
    };

    /* write */
    do
    :: atomic {
        arrive();
        is_lost = false;
        if
        :: losses < MOST_LOSSES -> losses++; is_lost = true; create(wanted)  /* done, not told */
        :: losses < MOST_LOSSES -> losses++; is_lost = true                  /* not done */
        :: losses < MOST_LOSSES && late == NOTHING ->
            losses++; is_lost = true; late = wanted                          /* done later */
        :: true -> create(wanted)
        fi;
        if
        :: !is_lost -> created = 1; break
        :: else
        fi
       }
       /* settle */
       read_arrivals();
       atomic {
        is_lost = false;
        is_of_one_reading = false;
        if
        :: there -> created = 1; there = false; break
        :: else -> was_sent_again = true
        fi
       }
    od;

    /* is_alone: the list ends after what was created, and the last old entry is in its place */
    atomic {
        arrive();
        is_own = !was_sent_again && length == first + created &&
                 list[first].pattern == wanted;
        if
        :: is_own && first > 0 && !WITHOUT_LAST -> is_own = (last & (1 << list[first - 1].id)) != 0
        :: else
        fi;
        there = false
    }
    if
    :: is_own || WITHOUT_LOOK -> goto done
    :: else -> is_own = false
    fi;

again:
    read_arrivals();
    /* remove_doubles */
    if
    :: second != NOTHING && !is_of_one_reading ->
        atomic { is_of_one_reading = true; forget_arrivals() };
        goto again
    :: second != NOTHING && is_of_one_reading ->
        atomic { arrive(); remove_id(second); is_of_one_reading = true; forget_arrivals() };
        goto again
    :: else
    fi;

done:
    atomic {
        /* Nothing of it matters any more: fewer states. */
        page = 0; current = 0; first = 0; second = 0; created = 0; smallest = 0; anchor = 0;
        there = false; is_first = false; is_lost = false; was_sent_again = false; is_own = false;
        seen = 0; known = 0; last = 0; is_of_one_reading = false;
        ended++
    }
}

/* Adds an entry by hand and deletes it again, and keeps another. */
proctype person() {
    byte mine;
    atomic { arrive(); mine = ids; append(BY_HAND) };
    atomic { arrive(); append(BY_HAND) };
    atomic { arrive(); remove_id(mine); mine = 0; ended++ }
}

init {
    atomic {
        /* Entries that nobody here has to do with. */
        do
        :: length < BEFORE -> append(BY_HAND)
        :: else -> break
        od;
        run sync(OF_A);
        run sync(OF_A);
        if
        :: WITH_OTHER -> run sync(OF_B)
        :: else -> ended++
        fi;
        run person()
    }
    ended == 4;
    atomic {
        arrive();
        find(OF_A);
        assert(late != NOTHING || count == 1);
        find(OF_B);
        assert(late != NOTHING || count == WITH_OTHER);
        find(BY_HAND);
        assert(count == BEFORE + 1)
    }
}
