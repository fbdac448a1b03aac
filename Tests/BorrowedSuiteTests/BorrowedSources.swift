/// Where the rows were published, at the commits at which they were read.
extension BorrowedRow.Source {
    private static let aws = "aws-samples/aws-secrets-manager-rotation-lambdas"

    /// The lambda that changes one user's password in place.
    static func awsSingle(_ place: String) -> Self {
        Self(
            repository: aws,
            commit: "b4b8eca",
            file: "SecretsManagerRDSPostgreSQLRotationSingleUser/lambda_function.py",
            place: place
        )
    }

    /// The lambda that rotates between two users.
    static func awsMulti(_ place: String) -> Self {
        Self(
            repository: aws,
            commit: "b4b8eca",
            file: "SecretsManagerRDSPostgreSQLRotationMultiUser/lambda_function.py",
            place: place
        )
    }

    static func moto(_ test: String) -> Self {
        Self(
            repository: "getmoto/moto",
            commit: "0af643a",
            file: "tests/test_secretsmanager/test_secretsmanager.py",
            place: test
        )
    }

    static func motoLambda(_ test: String) -> Self {
        Self(
            repository: "getmoto/moto",
            commit: "0af643a",
            file: "tests/test_secretsmanager/test_rotate_simple_lambda.py",
            place: test
        )
    }

    static func openBao(_ place: String) -> Self {
        Self(
            repository: "openbao/openbao",
            commit: "df6ce2c",
            file: "internal/builtin/logical/{database,openldap}/rotation_test.go",
            place: place
        )
    }

    /// Cases that the source's own tests leave out.
    static func ours(_ place: String) -> Self {
        Self(
            repository: "openbao/openbao",
            commit: "df6ce2c",
            file: "internal/builtin/logical/database/rotation.go",
            place: place
        )
    }

    static func azureTools(_ place: String) -> Self {
        Self(
            repository: "Azure/azure-sdk-tools",
            commit: "4f5c744",
            file: "RotationPlanTests.cs",
            place: place
        )
    }

    static func dnceng(_ file: String, _ place: String) -> Self {
        Self(repository: "dotnet/dnceng", commit: "187d670", file: file, place: place)
    }

    static func infisical(_ place: String) -> Self {
        Self(
            repository: "Infisical/infisical",
            commit: "a6ceec5",
            file: "azure-client-secret-rotation-fns.test.ts",
            place: place
        )
    }
}
