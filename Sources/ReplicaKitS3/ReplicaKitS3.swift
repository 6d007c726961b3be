// The S3 store is on its way; the file keeps the target buildable.
