// Tests of the S3 store follow with it.
