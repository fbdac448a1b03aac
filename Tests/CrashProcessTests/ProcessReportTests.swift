import RekeyCore
import Testing

@Suite struct `A report of killed processes` {
    // It ended the process: the least of nothing is infinite, which no integer is.
    @Test func `of which none was looked at often enough is printed`() {
        let report = ProcessReport(ProcessCourse(strategy: .replace, journal: .sqlite))
        #expect(report.description.contains("in each world at least none"))
        #expect(report.description.contains("lists 0 (at least none)"))
    }
}
