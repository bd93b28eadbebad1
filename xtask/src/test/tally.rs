//! Counting tests from what the test runners print.

use std::ops::AddAssign;
use std::process::ExitStatus;

/// How many tests passed and failed. A test that was left out has failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u32,
    pub failed: u32,
}

impl Tally {
    pub const PASSED: Self = Self { passed: 1, failed: 0 };
    pub const FAILED: Self = Self { passed: 0, failed: 1 };

    /// Reads a line of `cargo test`.
    pub fn see_cargo(&mut self, line: &str) {
        let Some((_, counts)) = line.trim().strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
            return;
        };
        for count in counts.split(';') {
            let mut words = count.split_whitespace();
            let number = words.next().and_then(|number| number.parse().ok());
            if let (Some(number), Some(what)) = (number, words.next()) {
                self.count(what, number);
            }
        }
    }

    /// Reads a line of `node --test`, from its `spec` or its `tap` reporter.
    pub fn see_node(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# ")) else {
            return;
        };
        if let Some((what, number)) = rest.split_once(' ')
            && let Ok(number) = number.trim().parse()
        {
            self.count(what, number);
        }
    }

    /// The count once the runner has ended. A runner that failed without naming a test has failed.
    pub fn ended(mut self, status: ExitStatus) -> Self {
        if !status.success() && self.failed == 0 {
            self.failed = 1;
        }
        self
    }

    fn count(&mut self, what: &str, number: u32) {
        match what {
            "passed" | "pass" => self.passed += number,
            "failed" | "fail" | "ignored" | "cancelled" | "skipped" | "todo" => self.failed += number,
            _ => {}
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn cargo(text: &str) -> Tally {
        let mut tally = Tally::default();
        text.lines().for_each(|line| tally.see_cargo(line));
        tally
    }

    fn node(text: &str) -> Tally {
        let mut tally = Tally::default();
        text.lines().for_each(|line| tally.see_node(line));
        tally
    }

    #[test]
    fn every_binary_of_cargo_test_counts() {
        let text = "running 2 tests\ntest a ... ok\n\
            test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s\n";
        assert_eq!(cargo(text), Tally { passed: 5, failed: 1 });
    }

    #[test]
    fn a_test_that_is_left_out_has_failed() {
        let text = "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.00s";
        assert_eq!(cargo(text), Tally { passed: 2, failed: 1 });
        assert_eq!(node("ℹ tests 3\nℹ pass 2\nℹ skipped 1\n"), Tally { passed: 2, failed: 1 });
    }

    #[test]
    fn both_reporters_of_node_are_understood() {
        let counts = ["suites 1", "pass 4", "fail 1", "cancelled 1", "skipped 0", "todo 0", "duration_ms 61.3"];
        let expected = Tally { passed: 4, failed: 2 };
        assert_eq!(node(&counts.map(|count| format!("ℹ {count}")).join("\n")), expected);
        assert_eq!(node(&counts.map(|count| format!("# {count}")).join("\n")), expected);
    }

    #[test]
    fn what_a_test_prints_is_not_counted() {
        assert_eq!(cargo("4 passed; 2 failed"), Tally::default());
        assert_eq!(node("pass 7\n  ℹ pass 3\n# Subtest: pass 9"), Tally::default());
    }
}
