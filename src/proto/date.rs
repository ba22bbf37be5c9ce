//! The only place that reads the dates of HTTP headers: RFC 9110 section 5.6.7.

/// Seconds since 1970 of a date in any of the three forms that a recipient has to know.
pub(crate) fn parse(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let (_, rest) = text.split_once(' ')?;
    let words: Vec<&str> = rest.split_ascii_whitespace().collect();
    match (text.contains(','), words.as_slice()) {
        // Sun, 06 Nov 1994 08:49:37 GMT
        (true, [day, month, year, time, "GMT"]) => seconds(year, month, day, time),
        // Sunday, 06-Nov-94 08:49:37 GMT
        (true, [date, time, "GMT"]) => {
            let mut parts = date.splitn(3, '-');
            let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
            seconds(year, month, day, time)
        }
        // Sun Nov  6 08:49:37 1994
        (false, [month, day, time, year]) => seconds(year, month, day, time),
        _ => None,
    }
}

/// The form that is sent, of seconds since 1970. None: the year is none of 1 to 9999.
pub(crate) fn render(seconds: i64) -> Option<String> {
    const DAY: i64 = 24 * 3600;
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let (days, time) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    // 400 years have 146,097 days; the estimate is at most one too many.
    let estimate = 1970 + (days.checked_mul(400)? + 400).div_euclid(146_097);
    let year = if days_before(estimate) > days {
        estimate - 1
    } else {
        estimate
    };
    if !(1..=9999).contains(&year) {
        return None;
    }
    let mut day = days - days_before(year);
    let mut month = 0;
    while day >= days_in(year, month) {
        day -= days_in(year, month);
        month += 1;
    }
    let weekday = WEEKDAYS[days.rem_euclid(7) as usize];
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    let (day, month) = (day + 1, MONTHS.get(month)?);
    Some(format!(
        "{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT"
    ))
}

fn seconds(year: &str, month: &str, day: &str, time: &str) -> Option<i64> {
    let year = match (year.len(), number(year)?) {
        (4, year) => year,
        // Two digits: never more than 50 years ahead. lws: those below 70 are of this century.
        (2, year) if year < 70 => 2000 + year,
        (2, year) => 1900 + year,
        _ => return None,
    };
    let month = MONTHS.iter().position(|name| *name == month)?;
    let mut parts = time.splitn(3, ':');
    let mut part = || number(parts.next()?);
    unix(year, month, number(day)?, (part()?, part()?, part()?))
}

/// Seconds since 1970; months count from 0. `None`: there is no such day, or time of day.
pub(crate) fn unix(year: i64, month: usize, day: i64, time: (i64, i64, i64)) -> Option<i64> {
    let (hours, minutes, seconds) = time;
    if !(1..=days_in(year, month)).contains(&day) || hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    let days = days_before(year) + (0..month).map(|m| days_in(year, m)).sum::<i64>() + day - 1;
    Some(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
}

/// One or two digits, or the four of a year.
fn number(text: &str) -> Option<i64> {
    let fits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| fits)
}

fn days_in(year: i64, month: usize) -> i64 {
    match month {
        1 if is_leap(year) => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// From 1 January 1970 to 1 January of that year.
fn days_before(year: i64) -> i64 {
    let leaps = |year: i64| year / 4 - year / 100 + year / 400;
    (year - 1970) * 365 + leaps(year - 1) - leaps(1969)
}

pub(crate) const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::{parse, render};

    #[test]
    fn what_is_rendered_is_read_as_the_same_moment() {
        assert_eq!(
            render(784_111_777).as_deref(),
            Some("Sun, 06 Nov 1994 08:49:37 GMT")
        );
        assert_eq!(render(0).as_deref(), Some("Thu, 01 Jan 1970 00:00:00 GMT"));
        let mut moment: i64 = -62_135_596_800; // 1 January 1
        while moment <= 253_402_300_799 {
            let text = render(moment).expect("four digits");
            assert_eq!(parse(text.as_bytes()), Some(moment), "{text}");
            moment += 86_400 * 7 + 86_399;
        }
        assert_eq!(
            (render(253_402_300_800), render(-62_135_596_801)),
            (None, None)
        );
        assert_eq!((render(i64::MAX), render(i64::MIN)), (None, None));
    }

    #[test]
    fn the_three_forms_of_the_rfc_are_one_moment() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(parse(text.as_bytes()), Some(784_111_777), "{text}");
        }
    }

    #[test]
    fn years_and_months_have_their_days() {
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600),
            ("Sun, 31 Dec 2023 23:59:59 GMT", 1_704_067_199),
            ("Thu, 29 Feb 2024 00:00:00 GMT", 1_709_164_800),
            ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200),
            ("Mon, 01 Jan 2103 00:00:00 GMT", 4_197_052_800),
            ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
            ("Saturday, 01-Jan-69 00:00:00 GMT", 3_124_224_000),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "120",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Wed, 29 Feb 2023 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sun, 06 Nov 1994 08:00 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 99999 08:49:37 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37:00 GMT",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse(b"Sun, 06 Nov 1994 08:49:37 \xff"), None);
    }
}
